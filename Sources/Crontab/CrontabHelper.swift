/// The functions of a script by which its jobs run their lines as cron did, with no more than these lines need.
struct CrontabHelper {
  /// What holds for the first job.
  let first: CrontabEnvironment

  private let shells: [String]
  private let recipients: [String]
  private let users: [String]
  private let sender: String?
  private let hasInput: Bool
  /// Whether it differs between jobs.
  private let varies: (shell: Bool, setup: Bool, recipients: Bool)

  init(_ jobs: [CrontabScript.Job]) {
    let environments = jobs.map(\.environment)
    let first = environments.first ?? CrontabEnvironment()
    self.first = first
    shells = Self.each(environments.map(\.shell))
    recipients = Self.each(environments.flatMap(\.recipients))
    users = Self.each(jobs.compactMap(\.job.user))
    sender = environments.compactMap(\.sender).first
    hasInput = jobs.contains { $0.job.input?.isEmpty == false }
    varies = (
      environments.contains { $0.shell != first.shell },
      environments.contains { $0.setup != first.setup },
      environments.contains { $0.recipients != first.recipients }
    )
  }

  private static func each(_ texts: [String]) -> [String] {
    var seen: Set<String> = []
    return texts.filter { seen.insert($0).inserted }
  }

  private var usesDefaultShell: Bool { shells == ["/bin/sh"] || shells.isEmpty }
  private var changesUser: Bool { users.count > 1 }

  /// From the permissions to the functions.
  var lines: [String] {
    let run = (usesDefaultShell ? ["sh"] : shells) + ["unconfined"]
    let list = { (texts: [String]) in texts.map(LuaText.literal).joined(separator: ", ") }
    var asked = "run = { \(list(run)) }"
    if !recipients.isEmpty { asked += ", mail = { \(list(recipients)) }" }
    return notesOnUsers + [
      "permissions { \(asked) }", "",
      "-- As with cron: nothing bounds how long a line takes, and what falls into a time off is not made up for.",
      "defaults { timeout = false, catchup = \"none\" }", "",
    ] + variables + report + function
  }

  private var notesOnUsers: [String] {
    guard let user = users.first else { return [] }
    guard changesUser else {
      return ["-- All lines ran as \(user): run the host of this script as \(user).", ""]
    }
    return [
      "-- The lines ran as several users (\(users.joined(separator: ", "))): run the host as root, which becomes the others by runuser. Or give",
      "-- each user a script and a host of its own, which then needs no root.", "",
    ]
  }

  private var variables: [String] {
    var lines: [String] = []
    if !usesDefaultShell { lines.append("local shell = \(LuaText.literal(first.shell))") }
    lines.append("local setup = \(LuaText.literal(first.setup))")
    if !recipients.isEmpty {
      let value = first.recipients.isEmpty ? "    -- nobody" : " = \(Self.lua(first.recipients))"
      lines.append("local mailto" + value)
    }
    return lines + [""]
  }

  private static func lua(_ recipients: [String]) -> String {
    switch recipients.count {
    case 0: "nil"
    case 1: LuaText.literal(recipients[0])
    default: "{ \(recipients.map(LuaText.literal).joined(separator: ", ")) }"
    }
  }

  /// Changes of what holds for the lines below.
  func assignments(from old: CrontabEnvironment, to new: CrontabEnvironment) -> [String] {
    var lines: [String] = []
    if old.shell != new.shell { lines.append("shell = \(LuaText.literal(new.shell))") }
    if old.setup != new.setup { lines.append("setup = \(LuaText.literal(new.setup))") }
    if old.recipients != new.recipients { lines.append("mailto = \(Self.lua(new.recipients))") }
    return lines
  }

  private var report: [String] {
    guard !recipients.isEmpty else { return [] }
    let from = sender.map { "from = \(LuaText.literal($0)), " } ?? ""
    return [
      "-- cron mails what a line prints, and nothing of one that fails in silence. This mails either.",
      "local function report(run, to, result, why)",
      "  local text = (result and result.stdout .. result.stderr or \"\") .. (why or \"\")",
      varies.recipients
        ? "  if text == \"\" or not to then return end" : "  if text == \"\" then return end",
      "  local sent, problem = mail.send { \(from)to = to, subject = \"Cron: \" .. run.job.name, text = text }",
      "  if not sent then log.warn(\"no mail: \" .. problem) end",
      "end", "",
    ]
  }

  private var function: [String] {
    var captured: [String] = []
    if varies.shell { captured.append("shell") }
    if varies.setup { captured.append("setup") }
    if varies.recipients { captured.append("mailto") }
    var lines = [
      "-- Runs a line in the home folder, with all that the user of the host may do: cron does not confine it either.",
      "local function run(command\(hasInput ? ", input" : ""))",
    ]
    if !captured.isEmpty {
      let names = captured.joined(separator: ", ")
      lines.append("  local \(names) = \(names)    -- as it stands above the line")
    }
    lines += body + ["end"]
    return lines + asUser
  }

  private var body: [String] {
    let options = "{ \(hasInput ? "stdin = input, " : "")confine = false }"
    let command = usesDefaultShell ? "setup .. command" : "{ shell, \"-c\", setup .. command }"
    guard !recipients.isEmpty else {
      return ["  return function() assert(sh(\(command), \(options))) end"]
    }
    return [
      "  return function(run)",
      "    local done, why, _, failed = sh(\(command), \(options))",
      "    report(run, mailto, done or failed, why)",
      "    if not done then error(why, 0) end",
      "  end",
    ]
  }

  private var asUser: [String] {
    guard changesUser else { return [] }
    let shell = usesDefaultShell ? "/bin/sh" : "\" .. sh.quote(shell) .. \""
    return [
      "", "-- The line of another user, with its home.",
      "local function as(user, command)",
      "  return \"exec /sbin/runuser -s \(shell) \" .. sh.quote(user) .. \" -c \" .. sh.quote(setup .. command)",
      "end",
    ]
  }

  /// The function of a job.
  func call(_ job: CrontabJob) -> String {
    var command = LuaText.literal(job.command)
    if changesUser, let user = job.user, user != "root" {
      command = "as(\(LuaText.literal(user)), \(command))"
    }
    if let input = job.input, !input.isEmpty {
      return "run(\(command), \(LuaText.literal(input)))"
    }
    return command.hasPrefix("as(") ? "run(\(command))" : "run \(command)"
  }
}
