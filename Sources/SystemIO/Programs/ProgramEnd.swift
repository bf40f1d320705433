import SystemCalls

/// How the execution of a program has ended.
package struct ProgramEnd: Sendable {
  package enum Status: Hashable, Sendable {
    case exited(Int32)
    /// The number of the signal.
    case killed(Int32)
    /// Somebody else has reaped the child, such as the kernel for a host that ignores SIGCHLD, and it does not say more.
    case unknown
    /// It was killed and has not gone: the kernel holds it, as in a read of a network file system that is gone.
    case stuck
  }

  /// Why the host ended it; nil if it ended by itself.
  package enum Reason: Hashable, Sendable {
    case timeout
    /// By ``RunningProgram/end()``, or the end of the host.
    case request
  }

  package var status: Status
  package var endedFor: Reason?
  package var output = CapturedOutput(atMost: 0)
  package var error = CapturedOutput(atMost: 0)
  /// From the start of the program, in nanoseconds.
  package var duration: Int64 = 0
}

/// A program that could not be started.
package struct ProgramStartError: Error, Hashable, CustomStringConvertible {
  package enum Step: Hashable, Sendable {
    /// The system has no room for another process, pipe or thread.
    case process
    case limits
    case folder
    case confinement
    /// The file is missing, or is none that can be executed.
    case execution
  }

  package let step: Step
  package let cause: SystemCallError

  package var description: String { cause.description }
}
