import Permissions

/// What a reader should know of a command that is taken over as it is, and what could stand in its place.
struct CommandRemarks {
  private(set) var remarks: [String] = []
  /// The command to run: without a `&` at its end, with which it would be ended at once.
  private(set) var command: String

  private let parts: ShellCommands

  init(_ job: CrontabJob) {
    command = job.command
    parts = ShellCommands(job.command)
    remarks = job.remarks
    noteInput(job)
    noteWrappers()
    noteDelay()
    noteOutput()
    notePing()
    noteBackground()
  }

  private func words(_ name: String) -> [String]? {
    for command in parts.commands {
      if let place = command.words.firstIndex(where: { MainCommand.base(of: $0) == name }) {
        return Array(command.words[place...].dropFirst())
      }
    }
    return nil
  }

  private mutating func noteInput(_ job: CrontabJob) {
    guard let input = job.input else { return }
    if Self.isCut(job.command) {
      remarks.append("the % cuts the command short, as it did in cron: in a crontab, \\% is a %")
      return
    }
    remarks.append(
      input.isEmpty
        ? "the % ends the command, as in cron; a % of the command is written \\% there"
        : "what followed the % is the input of the command, as in cron")
  }

  /// Whether something that was begun has no end.
  private static func isCut(_ command: String) -> Bool {
    let count = { (sign: Character) in command.count { $0 == sign } }
    return count("(") > count(")") || ["\"", "'", "`"].contains { count($0) % 2 == 1 }
  }

  private mutating func noteWrappers() {
    if let lock = words("flock") {
      let skips = lock.prefix { $0.hasPrefix("-") }
        .contains { $0 == "--nonblock" || $0 == "--nb" || !$0.hasPrefix("--") && $0.contains("n") }
      remarks.append(
        skips
          ? "a job never runs twice at a time, so it needs flock -n only against other programs"
          : "overlap = \"queue\" waits for the run before, as flock does; that is needed only against other programs"
      )
    }
    if let words = words("timeout"),
      let length = MainCommand.operands(of: "timeout", words).first,
      let text = Self.duration(length)
    {
      remarks.append("timeout = \"\(text)\" among the options does what timeout \(length) does")
    }
  }

  /// A length as coreutils have it: seconds, or with a unit.
  private static func duration(_ text: String) -> String? {
    let digits = text.prefix { $0.isNumber }
    let unit = text[digits.endIndex...]
    guard let number = Int(digits), number > 0, ["", "s", "m", "h", "d"].contains(unit) else {
      return nil
    }
    if unit.isEmpty || unit == "s" {
      return number % 60 == 0 ? "\(number / 60)m" : "\(number)s"
    }
    return "\(number)\(unit)"
  }

  /// Random waits: `sleep $((RANDOM % 300))`, `perl -e 'sleep int(rand(43200))'`.
  private mutating func noteDelay() {
    let text = command.filter { $0 != " " }
    let seconds = ["RANDOM%", "rand("].lazy.compactMap { sign -> Int? in
      guard let range = text.firstRange(of: sign) else { return nil }
      return Int(text[range.upperBound...].prefix { $0.isNumber })
    }.first
    guard let seconds, seconds > 0, text.contains("sleep") else { return }
    remarks.append(
      "jitter = \"\(Self.duration("\(seconds)") ?? "")\" among the options waits at random, too, and check shows it"
    )
  }

  private mutating func noteOutput() {
    let text = command.filter { $0 != " " }
    if text.contains(">/dev/null2>&1") || text.contains(">&/dev/null")
      || text.contains("&>/dev/null")
    {
      remarks.append("its output is thrown away; without that it would be in the log of each run")
    } else if text.contains(">>") {
      remarks.append("its output goes to a file; without that it would be in the log of each run")
    }
  }

  /// `&& curl https://hc-ping.com/...` at the end.
  private mutating func notePing() {
    guard let last = parts.commands.last, last.before == "&&", let program = last.words.first,
      ["curl", "wget"].contains(MainCommand.base(of: program)),
      let address = last.words.first(where: { $0.hasPrefix("http://") || $0.hasPrefix("https://") })
    else { return }
    remarks.append(
      "ping = \(LuaQuote.quoted(address)) among the options does what the last \(MainCommand.base(of: program)) does, with net in the permissions"
    )
  }

  private mutating func noteBackground() {
    if parts.end == "&" {
      while let last = command.last, last.isWhitespace || last == "&" { command.removeLast() }
      remarks.append(
        "without its & at the end: what a run leaves behind ends with it, so here the run lasts as long as the program"
      )
    }
    if parts.commands.contains(where: { $0.before == "&" }) {
      remarks.append("what it leaves in the background ends when the run ends")
    }
  }
}
