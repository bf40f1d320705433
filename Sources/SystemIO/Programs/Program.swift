import SystemCalls

/// A program to run, and what it gets from its host.
///
/// Texts are bytes, because the system knows no encoding; none may have a byte of zero.
package struct Program: Sendable {
  /// The file. It is not looked up in PATH.
  package var path: String
  /// The first is the program's own name.
  package var arguments: [[UInt8]]
  /// All of it, each as `NAME=value`: nothing of the host's environment is handed down.
  package var environment: [[UInt8]] = []
  /// The run that it belongs to. It becomes the first variable of the environment, by which its descendants are found:
  /// see ``MarkedProcess``.
  package var mark: String?
  /// What the next host knows by that a run was one of its own: see ``MarkedProcess/host``.
  package var host: String?
  /// The working folder; nil keeps the host's.
  package var folder: String?
  package var limits = Limits()
  /// What it may reach; nil leaves it all the rights of the host.
  package var confinement: Confinement?

  package struct Limits: Sendable {
    /// The mask of new files; nil keeps the host's.
    package var fileMask: Int32?
    /// Added to the nice value of the host.
    package var nice: Int32 = 0
    /// Bytes of address space of each process; nil sets no limit.
    package var memory: UInt64?
    /// Seconds of processor time of each process; nil sets no limit.
    package var cpu: UInt64?
    /// Whether set-user-ID programs, such as sudo, stay without their rights. Always so with a confinement.
    package var losesPrivileges = false

    package init() {}
  }

  package init(_ path: String, _ arguments: [[UInt8]]) {
    self.path = path
    self.arguments = arguments
  }

  var markedEnvironment: [[UInt8]] {
    let marks = [(MarkedProcess.variable, mark), (MarkedProcess.hostVariable, host)]
    return marks.compactMap { name, text in text.map { Array("\(name)=\($0)".utf8) } }
      + environment
  }

  /// A program whose arguments are text.
  package init(_ path: String, _ arguments: String...) {
    self.init(path, ([path] + arguments).map { Array($0.utf8) })
  }
}

/// What stdin of a program is.
package enum ProgramInput: Sendable {
  case empty
  case bytes([UInt8])
  /// Bytes, and then nothing more, without an end as long as the program lives.
  case held([UInt8])
  case file(OpenFile)
}

/// Where stdout or stderr of a program goes.
package enum ProgramOutput: Sendable {
  /// The host reads it, and keeps the first and the last half of this many bytes.
  case captured(atMost: Int)
  case file(OpenFile)
}

/// An open file that is handed to a program. Closed with the object.
package final class OpenFile: Sendable {
  let descriptor: Descriptor

  package init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }
}

/// The two streams that a program writes.
package enum ProgramStream: Sendable { case output, error }

/// Streams and times of one execution of a program.
package struct ProgramSetup: Sendable {
  package var input = ProgramInput.empty
  package var output = ProgramOutput.captured(atMost: 1 << 20)
  package var error = ProgramOutput.captured(atMost: 1 << 20)
  /// Called on the I/O thread with each line as it comes, without its end, in pieces of 8 KiB; bytes that are no UTF-8
  /// are shown as `\xNN`. If it answers false, the other lines that came with this one are left out.
  package var onLine: (@Sendable (ProgramStream, String) -> Bool)?
  /// How long it may take, in nanoseconds; nil sets no limit.
  package var timeout: Int64?
  /// How long it has from the request to end (SIGTERM) until it is killed, in nanoseconds.
  package var killAfter: Int64 = 5_000_000_000
  /// How long its output is read after its end, since what it has left running may hold the pipes; in nanoseconds.
  package var drain: Int64 = 1_000_000_000
  /// How long what it has left running has from SIGTERM until it is killed, in nanoseconds.
  package var leftoverGrace: Int64 = 1_000_000_000
  /// Whether what it has left running when it ended by itself goes on.
  package var leavesRest = false

  package init() {}
}
