/// What the settings above a line make of it.
struct CrontabEnvironment: Equatable {
  private(set) var shell = "/bin/sh"
  /// Addresses; empty for nobody.
  private(set) var recipients: [String] = []
  private(set) var sender: String?
  private(set) var zone: String?
  /// In minutes.
  private(set) var delay = 0
  private(set) var variables: [CrontabSetting] = []

  /// Takes a setting, and answers what is to be said of it; nil for nothing.
  mutating func apply(_ setting: CrontabSetting) -> String? {
    let value = setting.value
    switch setting.name {
    case "SHELL":
      shell = value.isEmpty ? "/bin/sh" : value
      return Self.isBourne(shell) ? nil : "\(shell) must understand the words of a Bourne shell"
    case "MAILTO": return takeRecipients(value)
    case "MAILFROM":
      sender = value.isEmpty ? nil : value
      return nil
    case "CRON_TZ":
      zone = value
      return nil
    case "RANDOM_DELAY":
      delay = Int(value) ?? 0
      return nil
    case "TZ":
      set(setting)
      return "TZ is for the commands alone; the times of the lines are in the zone of the host"
    case "LOGNAME", "USER": return "\(setting.name) is left out: it is that of the host"
    case "CONTENT_TYPE", "CONTENT_TRANSFER_ENCODING", "START_HOURS_RANGE",
      "ANACRON_RUN_ON_BATTERY_POWER":
      return "\(setting.name) is left out: it has no meaning here"
    default:
      set(setting)
      return nil
    }
  }

  private mutating func set(_ setting: CrontabSetting) {
    variables.removeAll { $0.name == setting.name }
    variables.append(setting)
  }

  private static func isBourne(_ shell: String) -> Bool {
    ["ash", "bash", "dash", "ksh", "mksh", "sh", "zsh"].contains(MainCommand.base(of: shell))
  }

  private mutating func takeRecipients(_ value: String) -> String? {
    let names = value.split { $0 == "," || $0 == " " }.map(String.init)
    let isGood = names.allSatisfy { name in
      name.utf8.count <= 254
        && name.utf8.allSatisfy { isLetterOrDigit($0) || "@._-+=~".utf8.contains($0) }
    }
    guard isGood else {
      recipients = []
      return "MAILTO=\(value) is no address, so nobody gets a mail"
    }
    recipients = names.map { $0.contains("@") ? $0 : $0 + "@localhost" }
    let isLocal = names.contains { !$0.contains("@") }
    return isLocal ? "\(value) is a user of this machine; better give a whole address" : nil
  }

  /// What the shell does before the command.
  var setup: String {
    let words = variables.map { variable in
      let quoted = variable.value.split(separator: "'", omittingEmptySubsequences: false)
        .joined(separator: "'\\''")
      return " \(variable.name)='\(quoted)'"
    }
    return (words.isEmpty ? "" : "export\(words.joined()); ") + "cd; "
  }
}
