import ModuleKit
import Permissions
import ScriptHost
import SystemCalls
import SystemIO

/// A program that a script may run, with its words and its bounds.
struct ShellCommand: Sendable {
  let program: Program
  /// What people see of it: the name of the program, without its arguments, which may hold secrets.
  let title: String
  /// What stdin is read from, and where stdout goes, if that is a file.
  let input: FilePlace?
  let output: FilePlace?
  /// What must be there before the program starts.
  let places: [FilePlace]

  /// Throws a mistake for wrong words, and a refusal if the script may not run the program or there is none. Blocks for a
  /// moment: it looks at names of files.
  init(_ command: Value, _ options: ShellOptions, of call: FunctionCall, in shell: Shell) throws {
    let words = try Self.words(command, options)
    guard let name = words.first.flatMap({ String(validating: $0, as: UTF8.self) }), !name.isEmpty
    else { throw ShellMistake("the name of the program must be UTF-8, and not empty") }
    let file = try Self.file(of: name, call, shell)
    let files = shell.files
    var program = Program(file.path, words)
    if options.detaches { try call.require(.run, RunWord.detach.rawValue) }
    program.mark = options.detaches ? nil : call.run?.description
    program.folder = Self.absolute(options.cwd ?? call.folder, in: call.folder)
    program.environment = Self.environment(options, call)
    program.limits.nice = options.nice
    program.limits.memory = options.memory
    program.limits.cpu = options.cpu
    program.confinement = try Self.confinement(file.path, options, call, shell)
    self.program = program
    title = name
    if case .file(let path) = options.input {
      input = try files.place(option: path, of: call, for: .read)
    } else {
      input = nil
    }
    output = try options.to.map { try files.place(option: $0, of: call, for: .write) }
    let data = files.folders.data(of: call.script).path
    let needsData = program.texts.contains { $0.contains(data.bytes) }
    let own = needsData ? try files.place(option: data.bytes, of: call, for: .write) : nil
    places = [input, output, own].compactMap { $0 }
  }

  private static func words(_ command: Value, _ options: ShellOptions) throws -> [[UInt8]] {
    switch command {
    case .string, .bytes: return try shellWords(command, options)
    case .list(let list) where !list.isEmpty: return try list.map { value in try word(value) }
    case .table(let table) where table[.integer(1)] != nil:
      let list = (1...table.count).map { table[.integer(Int64($0))] ?? .nil }
      let words = list.prefix { !$0.isNil }
      let numbers = table.keys.count { $0.int != nil }
      guard words.count == numbers else {
        throw ShellMistake("the list of words has a hole at \(words.count + 1)")
      }
      return try words.map { value in try word(value) }
    default:
      throw ShellMistake(
        "the command must be a text, or a list such as { \"git\", \"pull\" }, not \(command.described)"
      )
    }
  }

  private static func shellWords(_ text: Value, _ options: ShellOptions) throws -> [[UInt8]] {
    let text = try word(text)
    let isBash = options.shell.split(separator: "/").last == "bash"
    // A failure within a pipe is one of the whole.
    let flags = isBash ? ["-o", "pipefail", "-c"] : ["-c"]
    return ([options.shell] + flags).map { Array($0.utf8) } + [text]
  }

  static func word(_ value: Value) throws -> [UInt8] {
    let bytes: [UInt8] =
      switch value {
      case .integer(let integer): Array("\(integer)".utf8)
      case .number(let number): Array("\(number)".utf8)
      default: try ShellOptions.bytes("a word", value)
      }
    guard !bytes.contains(0) else {
      throw ShellMistake("no argument can contain a byte of zero")
    }
    return bytes
  }

  private static func absolute(_ path: String, in folder: String) -> String {
    path.hasPrefix("/") ? path : folder + "/" + path
  }

  /// What is handed down of the host's, and nothing else.
  private static let inherited = ["PATH", "HOME", "USER", "LANG", "TZ", "TMPDIR"]

  private static func environment(_ options: ShellOptions, _ call: FunctionCall) -> [[UInt8]] {
    let given = Set(options.environment.map(\.name))
    var entries = inherited.filter { !given.contains($0) }.compactMap { name in
      Environment.value(of: name).map { Array("\(name)=\($0)".utf8) }
    }
    if let job = call.job { entries.append(Array("MOONWHEEL_JOB=\(job)".utf8)) }
    return entries + options.environment.map { Array("\($0.name)=".utf8) + $0.value }
  }
}

/// Which file is run, and what it may reach.
extension ShellCommand {
  /// The file that a name leads to, if the script may run that. Permissions name programs; what counts is the file.
  private static func file(
    of name: String, _ call: FunctionCall, _ shell: Shell
  ) throws(Refusal) -> ProgramFile {
    let (pins, folder, grants) = (call.programPins, call.folder, call.grants)
    let file = pins.file(of: name, in: folder)
    if let file {
      // All names of one file are denied with one of them.
      let denied = grants.deniedProgram {
        pins.file(of: $0, in: folder)?.identity == file.identity
      }
      if let denied { throw call.denial(.run, denied) }
    }
    // But they are not granted with one: what some programs do depends on the name by which they are started.
    let isAllowed = grants.allowsProgram(name) { entry in
      file != nil && pins.file(of: entry, in: folder)?.path == file?.path
    }
    guard isAllowed else { throw call.denial(.run, name) }
    guard let file else { throw missing(name) }
    try checkNotWritten(file, name, call, own: shell.files.own(of: call.script).map(\.path))
    return file
  }

  private static func missing(_ name: String) -> Refusal {
    let place = name.contains("/") ? "" : " in PATH"
    return Refusal("\(name): there is no such program\(place)", code: "spawn")
  }

  /// Throws for a program that the script could replace.
  static func checkNotWritten(
    _ file: ProgramFile, _ name: String, _ call: FunctionCall, own: [RawPath] = []
  ) throws(Refusal) {
    guard let places = ProgramFile.places(on: file.path) else { throw missing(name) }
    let written = own + call.grants.roots(.write).map { call.pathPins.real(of: RawPath($0)) }
    for place in places where written.contains(where: { RawPath(place).rest(beneath: $0) != nil }) {
      throw Refusal(
        "\(name) is \(place), which this script may write: such a file is not run. Keep programs where no script writes",
        code: "denied")
    }
  }

  private static func confinement(
    _ path: String, _ options: ShellOptions, _ call: FunctionCall, _ shell: Shell
  ) throws(Refusal) -> Confinement? {
    let word = RunWord.unconfined.rawValue
    guard options.isConfined else {
      try call.require(.run, word)
      return nil
    }
    guard !shell.traits.confines else { return try ShellReach(path, call, shell.files).confinement }
    guard call.grants.standing(.run, word) != .denied else {
      throw Refusal(
        "no program is run: this kernel has no Landlock, so it cannot confine programs, and the policy denies \(word) ones",
        code: "denied")
    }
    shell.warnOnce()
    return nil
  }
}

extension Program {
  /// All that may name a path.
  fileprivate var texts: [[UInt8]] { arguments + environment + [Array((folder ?? "").utf8)] }
}

extension [UInt8] {
  fileprivate func contains(_ other: [UInt8]) -> Bool {
    guard let first = other.first, count >= other.count else { return false }
    return indices.dropLast(other.count - 1).contains { start in
      self[start] == first && self[start..<start + other.count].elementsEqual(other)
    }
  }
}
