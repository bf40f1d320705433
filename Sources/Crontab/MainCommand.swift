/// The program of a line that does its work, without what stands before it: `cd`, `test`, `flock`, `sudo`, `php`.
struct MainCommand {
  /// The program or the script, as written.
  var program: String
  /// What follows it.
  var arguments: [String]
  /// Whether an interpreter runs it.
  var isScript = false

  /// Commands that prepare.
  private static let preparing: Set<String> = [
    ".", ":", "[", "[[", "cd", "command", "do", "done", "echo", "else", "exit", "export", "fi",
    "for",
    "if", "mkdir", "printf", "set", "sleep", "source", "test", "then", "true", "ulimit", "umask",
    "while", "which",
  ]

  /// Programs that run another one: their options with a value, and how many words stand before it.
  private static let wrappers: [String: (valued: Set<String>, words: Int)] = [
    "chronic": ([], 0), "cronic": ([], 0), "chrt": ([], 1), "doas": (["-u"], 0),
    "env": (["-u", "-C", "--chdir"], 0), "exec": (["-a"], 0),
    "flock": (["-w", "-E", "--timeout", "--wait"], 1),
    "ionice": (["-c", "-n", "--class", "--classdata"], 0), "nice": (["-n"], 0), "nohup": ([], 0),
    "runuser": (["-u", "-s"], 0), "setsid": ([], 0), "sudo": (["-u", "-g", "-C", "-h"], 0),
    "systemd-cat": (["-t", "-p"], 0), "systemd-inhibit": ([], 0), "time": (["-o", "-f"], 0),
    "timeout": (["-s", "-k", "--signal", "--kill-after"], 1), "then": ([], 0), "do": ([], 0),
    "else": ([], 0), "!": ([], 0),
  ]

  /// Interpreters: their options with a value, and the letter of the option that has a program itself.
  private static let interpreters: [String: (valued: Set<String>, program: Character)] = [
    "ash": (["-o"], "c"), "bash": (["-o"], "c"), "dash": (["-o"], "c"), "java": (["-cp"], "-"),
    "ksh": (["-o"], "c"), "lua": (["-l"], "e"), "node": (["-r"], "e"), "perl": (["-I"], "e"),
    "php": (["-c", "-d"], "r"), "python": (["-W", "-X"], "c"), "ruby": (["-I", "-r"], "e"),
    "sh": (["-o"], "c"), "zsh": (["-o"], "c"),
  ]

  /// Nil if the line has no command.
  init?(_ commands: [ShellCommands.Simple]) {
    let all = commands.compactMap { command -> MainCommand? in
      // What reads the output of another one is not what the line is for.
      MainCommand(words: Self.unwrapped(command.words))
    }
    let working = all.first { !Self.preparing.contains(Self.base(of: $0.program)) && !$0.isWait }
    guard let main = working ?? all.last else { return nil }
    self = main
  }

  /// `perl -e 'sleep int(rand(43200))'`
  private var isWait: Bool {
    Self.interpreters[Self.interpreter(program)] != nil
      && arguments.contains { $0.hasPrefix("sleep") }
  }

  private static func interpreter(_ program: String) -> String {
    String(base(of: program).prefix { $0.isLetter })
  }

  /// The words that a program such as `timeout` takes itself, without its options.
  static func operands(of wrapper: String, _ words: [String]) -> [String] {
    guard let known = wrappers[wrapper] else { return [] }
    return Array(withoutOptions(words[...], known.valued).prefix(known.words))
  }

  private init?(words: [String]) {
    guard let program = words.first else { return nil }
    self.init(program: program, arguments: Array(words.dropFirst()))
    guard let interpreter = Self.interpreters[Self.interpreter(program)] else { return }
    let rest = Self.withoutOptions(words.dropFirst(), interpreter.valued)
    let options = words.dropFirst().prefix(words.count - 1 - rest.count)
    let hasProgram = options.contains { option in
      option.hasPrefix("-") && !option.hasPrefix("--") && option.last == interpreter.program
    }
    guard !hasProgram, let script = rest.first else { return }
    self.program = script
    arguments = Array(rest.dropFirst())
    isScript = true
  }

  private init(program: String, arguments: [String]) {
    self.program = program
    self.arguments = arguments
  }

  /// Without redirections, assignments and wrappers.
  private static func unwrapped(_ words: [String]) -> [String] {
    var words = withoutRedirections(words)[...]
    while let first = words.first {
      if isAssignment(first) {
        words = words.dropFirst()
      } else if let wrapper = wrappers[base(of: first)] {
        let rest = withoutOptions(words.dropFirst(), wrapper.valued).dropFirst(wrapper.words)
        guard !rest.isEmpty else { break }
        words = rest
      } else {
        break
      }
    }
    return Array(words)
  }

  private static func withoutRedirections(_ words: [String]) -> [String] {
    var kept: [String] = []
    var isTarget = false
    for word in words {
      let sign = word.drop { $0.isNumber || $0 == "&" }
      if isTarget {
        isTarget = false
      } else if sign.hasPrefix(">") || sign.hasPrefix("<") {
        isTarget = sign.allSatisfy { "<>&|".contains($0) }
      } else {
        kept.append(word)
      }
    }
    return kept
  }

  private static func withoutOptions(
    _ words: ArraySlice<String>, _ valued: Set<String>
  ) -> ArraySlice<String> {
    var words = words
    while let first = words.first, first.hasPrefix("-") || isAssignment(first) {
      words = words.dropFirst(valued.contains(first) ? 2 : 1)
    }
    return words
  }

  private static func isAssignment(_ word: String) -> Bool {
    guard let equals = word.firstIndex(of: "="), equals != word.startIndex else { return false }
    return word[..<equals].utf8.allSatisfy { isLetterOrDigit($0) || $0 == UInt8(ascii: "_") }
  }

  /// The name in a path.
  static func base(of path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }
}
