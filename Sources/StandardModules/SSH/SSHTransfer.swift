import ModuleKit
import ScriptHost
import SystemCalls
import SystemIO

/// A file that goes to another machine, or comes from there, by `sftp`.
///
/// sftp gets the file open, as its stdin: it cannot be led to another one, and needs no rights of its own for it. At its place
/// the file appears when it is whole.
struct SSHTransfer: Sendable {
  enum Direction { case put, get }

  let direction: Direction
  let host: SSHHost
  let options: SSHOptions
  /// The file on this machine.
  let place: FilePlace
  let program: Program

  init(
    _ direction: Direction, _ options: SSHOptions, _ host: SSHHost, _ config: String?,
    of call: FunctionCall, in shell: Shell
  ) throws {
    self.direction = direction
    self.host = host
    self.options = options
    let isPut = direction == .put
    let (here, there) = isPut ? (1, 2) : (2, 1)
    let local: [UInt8]
    let remote: String
    do throws(ShellMistake) {
      local = try ShellOptions.path("the path", call.arguments[here])
      remote = try ShellOptions.text("the path on the far machine", call.arguments[there])
    } catch {
      throw SSHMistake(error)
    }
    guard !remote.isEmpty, remote.utf8.count < 4_096, !remote.utf8.contains(where: { $0 < 32 })
    else {
      throw SSHMistake(
        "the path on the far machine is empty, too long, or has a control character such as a line break"
      )
    }
    place = try shell.files.place(option: local, of: call, for: isPut ? .read : .write)
    let words = host.words(options, config: config)
    let sftp = [try SSHPrograms.path(of: "sftp", call), "-q", "-b", "-"] + words
    let name = host.name.contains(":") ? "[\(host.name)]" : host.name
    var program = SSHPrograms.program(call)
    program.set(
      ["/bin/sh", "-c", Self.feeding, "moonwheel", Self.batch(direction, remote)] + sftp
        + ["--", name])
    self.program = program
  }

  /// The commands go in by a pipe, so that stdin is free for the file.
  private static let feeding = """
    b=$1
    shift
    exec 3<&0
    printf '%s' "$b" | "$@" >/dev/null
    """

  private static func batch(_ direction: Direction, _ path: String) -> String {
    let whole = quoted(path)
    guard direction == .put else { return "get \(whole) /dev/fd/3\n" }
    let part = quoted(path + ".part-" + String(UInt64.random(in: 0 ... .max), radix: 36))
    return "put /dev/fd/3 \(part)\nrename \(part) \(whole)\n"
  }

  /// As one word of sftp, which knows patterns.
  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for character in text.unicodeScalars {
      if "\\\"".unicodeScalars.contains(character) { quoted += "\\" }
      quoted.unicodeScalars.append(character)
    }
    return quoted + "\""
  }
}

extension Shell {
  func run(_ transfer: SSHTransfer, for call: FunctionCall, _ answer: CallAnswer) {
    guard let disk = files.disk else { return }
    files.open([transfer.place], for: call, answer) { [self] () throws(FileFailure) in
      switch transfer.direction {
      case .put:
        let file = try disk.openFile(transfer.place)
        let size = try DiskFiles.calling { () throws(SystemCallError) in
          try file.status().version.size
        }
        start(transfer, OpenFile(file), for: call, answer) { result in
          result.give(to: answer, with: ["size": .integer(size)])
        }
      case .get:
        let pending = try disk.begin(transfer.place)
        let file = OpenFile(try pending.descriptor())
        start(transfer, file, for: call, answer) { [self] result in
          guard result.failure == nil else {
            pending.discard()
            return result.give(to: answer)
          }
          finish(pending, at: transfer.place, for: call, answer, failed: .nil) {
            result.give(to: answer, with: $0)
          }
        }
      }
    }
  }

  private func start(
    _ transfer: SSHTransfer, _ file: OpenFile, for call: FunctionCall, _ answer: CallAnswer,
    _ onEnd: @escaping @Sendable (SSHResult) -> Void
  ) {
    var setup = ProgramSetup()
    setup.input = .file(file)
    setup.timeout = transfer.options.shell.timeout
    setup.killAfter = transfer.options.shell.killAfter
    let (host, options) = (transfer.host, transfer.options.shell)
    start(transfer.program, setup, titled: "sftp \(host.name)", for: call, answer) { end in
      onEnd(SSHResult(end, of: host, mark: nil, options))
    }
  }
}
