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

  /// Throws a mistake for wrong words, and a refusal if the script may not run the program or there is none.
  init(_ command: Value, _ options: ShellOptions, of call: FunctionCall) throws {
    let words = try Self.words(command, options)
    guard let name = words.first.flatMap({ String(validating: $0, as: UTF8.self) }), !name.isEmpty
    else { throw ShellMistake("the name of the program must be UTF-8, and not empty") }
    try call.require(.run, name)
    let folder = Self.absolute(options.cwd ?? call.folder, in: call.folder)
    guard let path = Self.find(name, in: call.folder) else {
      throw Refusal("\(name): there is no such program in PATH", code: "spawn")
    }
    var program = Program(path, words)
    program.mark = call.run?.description
    program.folder = folder
    program.environment = Self.environment(options, call)
    program.limits.nice = options.nice
    program.limits.memory = options.memory
    program.limits.cpu = options.cpu
    if options.isConfined, Confinement.version > 0 {
      program.confinement = Self.confinement(path, call.grants)
    }
    self.program = program
    title = name
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

  private static func word(_ value: Value) throws -> [UInt8] {
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

  /// A name without a slash is looked up in the host's PATH, one with a slash from the folder of the script on.
  private static func find(_ name: String, in folder: String) -> String? {
    guard !name.contains("/") else { return absolute(name, in: folder) }
    let folders = (Environment.value(of: "PATH") ?? "").split(separator: ":")
    return folders.filter { $0.hasPrefix("/") }.map { "\($0)/\(name)" }.first { path in
      FileStatus(of: path, followingLinks: true)?.kind == .file && FileNames.isExecutable(path)
    }
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

/// What the program may reach.
extension ShellCommand {
  private static let programs = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64"]
  /// What libc, and the libraries for TLS, read.
  private static let settings = [
    "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "timezone", "resolv.conf", "hosts",
    "host.conf", "nsswitch.conf", "gai.conf", "services", "protocols", "ssl", "ca-certificates",
    "pki", "gitconfig",
  ]
  private static let devices = ["null", "zero", "full", "random", "urandom"]

  private static func confinement(_ path: String, _ grants: Grants) -> Confinement {
    var rules = programs.map { Confinement.Rule($0, [.read, .run]) }
    rules += settings.map { Confinement.Rule("/etc/\($0)", .read) }
    rules += devices.map { Confinement.Rule("/dev/\($0)", [.read, .write]) }
    rules.append(Confinement.Rule(path, [.read, .run]))
    rules += grants.roots(.read).map { Confinement.Rule($0, [.read, .run]) }
    rules += grants.roots(.write).map { Confinement.Rule($0, [.read, .write]) }
    return Confinement(rules, ports: grants.ports?.compactMap { UInt16(exactly: $0) }.sorted())
  }
}
