import Triggers

/// Reads one line by the rules of Vixie cron, and of cronie and OpenBSD where they add to these.
struct CrontabLineReader {
  private let text: String
  private var rest: Substring

  init(_ text: String) {
    self.text = text
    rest = text[...]
    skipSpaces()
  }

  private mutating func skipSpaces() { rest = rest.drop { $0 == " " || $0 == "\t" } }

  private mutating func word() -> String {
    let word = rest.prefix { $0 != " " && $0 != "\t" }
    rest = rest[word.endIndex...]
    skipSpaces()
    return String(word)
  }

  mutating func read(
    hasUserColumn: Bool, _ isZone: (String) -> Bool
  ) throws(Crontab.Problem) -> Crontab.Content {
    if rest.isEmpty { return .blank }
    if rest.hasPrefix("#") { return .comment(String(rest.drop { $0 == "#" })) }
    if let setting = SettingText.read(text) {
      try Self.check(setting, isZone)
      return .setting(setting)
    }
    var remarks: [String] = []
    // SUSE, cronie: no line of it in the log of the system.
    if rest.hasPrefix("-"), rest.count > 1 {
      rest = rest.dropFirst()
      remarks.append("the - before the line (none of it in syslog) is left out")
    }
    let spec = try spec()
    let user = hasUserColumn ? word() : nil
    if let user { try Self.check(user: user) }
    if spec.hasPrefix("@") || hasUserColumn { skipSpaces() }
    try readFlags(&remarks)
    guard !rest.isEmpty else {
      let place = user == nil ? "the time" : "the user \(user ?? "")"
      throw problem(
        hasUserColumn
          ? "there is no command after \(place); is this the crontab of a user, without a column for it?"
          : "there is no command after \(place)")
    }
    let (command, input) = CommandText.split(String(rest))
    guard command.contains(where: { !$0.isWhitespace }) else {
      throw problem("there is no command before the %")
    }
    return .job(
      CrontabJob(spec: spec, user: user, command: command, input: input, remarks: remarks))
  }

  private func problem(_ description: String) -> Crontab.Problem {
    Crontab.Problem(description: description)
  }

  private mutating func spec() throws(Crontab.Problem) -> String {
    var words = [word()]
    if words[0].hasPrefix("@") {
      if words[0].lowercased() == "@every" { words.append(word()) }
    } else {
      while words.count < 5, !rest.isEmpty { words.append(word()) }
      guard words.count == 5 else {
        throw problem(
          "this is neither NAME=value nor five fields (minute hour day month weekday) and a command"
        )
      }
    }
    let spec = words.joined(separator: " ")
    do throws(TriggerError) {
      _ = try Trigger.cron(spec, TriggerOptions())
    } catch {
      throw problem(error.message)
    }
    return spec
  }

  /// Of OpenBSD: `-n` mails failures alone, `-q` logs nothing, `-s` runs one at a time.
  private mutating func readFlags(_ remarks: inout [String]) throws(Crontab.Problem) {
    while rest.hasPrefix("-") {
      let flags = word()
      guard flags.dropFirst().allSatisfy({ "nqs".contains($0) }), flags.count > 1 else {
        throw problem("the command begins with \"\(flags)\", which is no program")
      }
      remarks.append("the \(flags) of OpenBSD is left out: a job runs one at a time anyway")
    }
  }

  private static func check(user: String) throws(Crontab.Problem) {
    let isName = user.utf8.allSatisfy { byte in
      isLetterOrDigit(byte) || "_-.$+".utf8.contains(byte)
    }
    guard isName, user.utf8.first != UInt8(ascii: "-") else {
      throw Crontab.Problem(
        description:
          "\"\(user)\" is no user; is this the crontab of a user, without a column for it?")
    }
  }

  private static func check(
    _ setting: CrontabSetting, _ isZone: (String) -> Bool
  ) throws(Crontab.Problem) {
    switch setting.name {
    case "CRON_TZ" where !isZone(setting.value):
      throw Crontab.Problem(
        description: "there is no time zone \"\(setting.value)\": the lines below use the host's")
    case "RANDOM_DELAY" where Int(setting.value).map { !(0...1440).contains($0) } ?? true:
      throw Crontab.Problem(description: "RANDOM_DELAY is a number of minutes, from 0 to 1440")
    case "SHELL" where setting.value.contains(where: { $0.isWhitespace || $0 == "*" }):
      throw Crontab.Problem(description: "SHELL must be the path of a program alone")
    case "MAILTO", "MAILFROM", "CRON_TZ", "RANDOM_DELAY", "SHELL": break
    case let name where !isVariable(name):
      throw Crontab.Problem(description: "no shell can set a variable \"\(name)\"")
    default: break
    }
  }

  private static func isVariable(_ name: String) -> Bool {
    guard let first = name.utf8.first, !(48...57).contains(first) else { return false }
    return name.utf8.allSatisfy { isLetterOrDigit($0) || $0 == UInt8(ascii: "_") }
  }
}

func isLetterOrDigit(_ byte: UInt8) -> Bool {
  (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
}
