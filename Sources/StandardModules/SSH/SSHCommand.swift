import ModuleKit
import ScriptHost
import SystemCalls
import SystemIO

/// A command for another machine.
struct SSHCommand: Sendable {
  let host: SSHHost
  let options: SSHOptions
  /// What is sent to the command, and where its stdout goes, if that is a file.
  let input: FilePlace?
  let output: FilePlace?
  let mark = "moonwheel-" + String(UInt64.random(in: 0 ... .max), radix: 36)
  private let command: String
  private let words: [String]
  private let program: Program
  static let largestInput = 16 << 20

  init(
    _ command: Value, _ options: SSHOptions, _ host: SSHHost, _ config: String?,
    of call: FunctionCall, in shell: Shell
  ) throws {
    self.host = host
    self.options = options
    let folder = options.shell.cwd.map { "cd \(RemoteCommand.quoted($0)) && " } ?? ""
    self.command = folder + (try Self.text(command))
    if case .file(let path) = options.shell.input {
      input = try shell.files.place(option: path, of: call, for: .read)
    } else {
      input = nil
    }
    output = try options.shell.to.map { try shell.files.place(option: $0, of: call, for: .write) }
    var words = [try SSHPrograms.path(of: "ssh", call), "-T"]
    words += host.words(options, config: config) + ["--", host.name]
    if let key = options.identity {
      let agent = try SSHPrograms.path(of: "ssh-agent", call)
      words = [agent, "/bin/sh", "-c", Self.withKey, "moonwheel", "\(key.count)"] + words
    }
    self.words = words
    program = SSHPrograms.program(call)
  }

  /// A list is passed word by word: the shell of the far machine gets each one in quotes.
  private static func text(_ command: Value) throws -> String {
    let words: [Value]
    switch command {
    case .list(let list) where !list.isEmpty: words = list
    case .table(let table) where table[.integer(1)] != nil:
      words = (1...table.count).map { table[.integer(Int64($0))] ?? .nil }.filter { !$0.isNil }
      guard words.count == table.keys.count(where: { $0.int != nil }) else {
        throw SSHMistake("the list of words has a hole")
      }
    default: return try text(of: command)
    }
    return try words.map { RemoteCommand.quoted(try text(of: $0)) }.joined(separator: " ")
  }

  private static func text(of value: Value) throws -> String {
    let bytes: [UInt8]
    do { bytes = try ShellCommand.word(value) } catch let mistake as ShellMistake {
      throw SSHMistake(mistake)
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw SSHMistake("a command must be UTF-8")
    }
    return text
  }

  /// Gives the key to the agent that has started this, and ends that agent, which would live some seconds longer.
  private static let withKey = """
    trap 'kill "$SSH_AGENT_PID"; trap - TERM; kill -TERM $$' TERM
    n=$1
    shift
    if head -c "$n" | ssh-add -q -; then "$@"; e=$?; else echo 'the key cannot be used' >&2; e=255; fi
    kill "$SSH_AGENT_PID"
    exit "$e"
    """

  /// What is started, and what it gets by stdin.
  func start(_ input: [UInt8]) -> (program: Program, input: ProgramInput) {
    let grace = max(1, (options.shell.killAfter + 999_999_999) / 1_000_000_000)
    let remote = RemoteCommand(command, mark: mark, input: input.count, grace: grace)
    var program = program
    program.set(words + [remote.text])
    return (program, .held((options.identity ?? []) + input))
  }
}

/// The system's programs for SSH.
enum SSHPrograms {
  static func path(of name: String, _ call: FunctionCall) throws(Refusal) -> String {
    guard let file = call.programPins.file(of: name, in: "/") else {
      throw Refusal(
        "there is no \(name) in PATH: install it, on Debian with apt-get install openssh-client",
        code: "spawn")
    }
    try ShellCommand.checkNotWritten(file, name, call)
    return file.path
  }

  private static let inherited = ["PATH", "HOME", "USER", "LANG", "TZ", "TMPDIR", "SSH_AUTH_SOCK"]

  /// Without its words.
  static func program(_ call: FunctionCall) -> Program {
    var program = Program("")
    program.mark = call.run?.description
    program.folder = "/"
    program.environment = inherited.compactMap { name in
      Environment.value(of: name).map { Array("\(name)=\($0)".utf8) }
    }
    return program
  }
}

extension Program {
  /// The first word is the file, too.
  mutating func set(_ words: [String]) {
    path = words[0]
    arguments = words.map { Array($0.utf8) }
  }
}

extension Shell {
  /// Runs a command on another machine to its end.
  func run(_ command: SSHCommand, for call: FunctionCall, _ answer: CallAnswer) {
    guard let disk = files.disk, command.input != nil || command.output != nil else {
      guard case .bytes(let bytes) = command.options.shell.input else { return }
      return start(command, bytes, nil, for: call, answer)
    }
    let places = [command.input, command.output].compactMap { $0 }
    files.open(places, for: call, answer) { [self] () throws(FileFailure) in
      var input: [UInt8] = []
      if let place = command.input {
        input = try disk.read(place, ReadLimit(bytes: SSHCommand.largestInput))
      } else if case .bytes(let bytes) = command.options.shell.input {
        input = bytes
      }
      let output = try command.output.map { (place) throws(FileFailure) in try disk.begin(place) }
      try start(command, input, output, output?.descriptor(), for: call, answer)
    }
  }

  private func start(
    _ command: SSHCommand, _ input: [UInt8], _ output: PendingFile?,
    _ descriptor: consuming Descriptor? = nil, for call: FunctionCall, _ answer: CallAnswer
  ) {
    let (program, stdin) = command.start(input)
    var setup = setup(command, call.lines)
    setup.input = stdin
    if let descriptor { setup.output = .file(OpenFile(descriptor)) }
    let (host, mark, options) = (command.host, command.mark, command.options.shell)
    start(program, setup, titled: "ssh \(host.name)", for: call, answer) { [self] end in
      let result = SSHResult(end, of: host, mark: mark, options)
      guard let output, let place = command.output, result.failure == nil else {
        output?.discard()
        return result.give(to: answer)
      }
      finish(output, at: place, for: call, answer, failed: result.value) {
        result.give(to: answer, with: $0)
      }
    }
  }

  private func setup(_ command: SSHCommand, _ lines: RunLines?) -> ProgramSetup {
    let options = command.options.shell
    var setup = ProgramSetup()
    setup.output = .captured(atMost: options.maxOutput)
    // With what the far side tells of the command.
    setup.error = .captured(atMost: options.maxOutput + 1_024)
    setup.timeout = options.timeout
    setup.killAfter = options.killAfter
    guard options.logs, let lines else { return setup }
    let mark = command.mark
    setup.onLine = { stream, line in
      guard stream == .error else { return lines.add(line, isWarning: false) }
      return RemoteReport.line(line, mark: mark).map { lines.add($0, isWarning: true) } ?? true
    }
    return setup
  }
}
