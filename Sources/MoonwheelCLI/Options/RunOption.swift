import ArgumentParser

/// The options of `run` that take a value: the one table for the parser, for the help, and for reading the command line
/// without the parser. The raw value is the name on the command line.
enum RunOption: String, CaseIterable, CodingKey {
  case timeZone = "tz"
  case store
  case workers
  case slice
  case stuckAfter = "stuck-after"
  case memory
  case log
  case shutdownTimeout = "shutdown-timeout"
  case duration = "for"
  case logEvents = "log-events"
  case onFailure = "on-failure"
  case secrets
  case sshConfig = "ssh-config"
  case onFailureMail = "on-failure-mail"
  case onFailureWebhook = "on-failure-webhook"

  var help: String {
    switch self {
    case .timeZone:
      "The time zone of triggers that name none, as in Europe/Berlin (MOONWHEEL_TZ)."
    case .store:
      "The file that keeps jobs and history, or \"memory\"; .moonwheel/store.db in the folder if not given (MOONWHEEL_STORE)."
    case .workers: "Threads that run scripts (MOONWHEEL_WORKERS)."
    case .slice: "How long a callback computes before others get a turn (MOONWHEEL_SLICE)."
    case .stuckAfter:
      "How long a callback computes without waiting until the log reports it, as in 10s (MOONWHEEL_STUCK_AFTER)."
    case .memory:
      "How much memory all scripts together may hold, as in 512M; no cap if not given (MOONWHEEL_MEMORY)."
    case .log:
      "The form of the log on stderr: \(LogFormat.pretty) or \(LogFormat.json) (MOONWHEEL_LOG)."
    case .shutdownTimeout:
      "How long a stop waits for runs, as in 25s (MOONWHEEL_SHUTDOWN_TIMEOUT)."
    case .duration: "Stop after this time, as in 10s (MOONWHEEL_FOR)."
    case .onFailure:
      "A script whose handlers get every run that was given up, every script that does not load and every failure of the store, of all scripts (MOONWHEEL_ON_FAILURE)."
    case .secrets:
      "A folder with one file for each secret of the scripts, as systemd and Docker make it (MOONWHEEL_SECRETS)."
    case .sshConfig:
      "The file of settings that ssh has for scripts, in place of ~/.ssh/config (MOONWHEEL_SSH_CONFIG)."
    case .onFailureMail:
      "An address that gets a mail of the same (MOONWHEEL_ON_FAILURE_MAIL)."
    case .onFailureWebhook:
      "A URL that gets the same as JSON, by POST (MOONWHEEL_ON_FAILURE_WEBHOOK)."
    case .logEvents: "Which host events are logged, as in \"run.*\" (MOONWHEEL_LOG_EVENTS)."
    }
  }

  var completion: CompletionKind? {
    switch self {
    case .timeZone: .timeZone
    case .store, .sshConfig: .file()
    case .log: .choices(of: LogFormat.self)
    case .onFailure: .script
    case .secrets: .directory
    case .workers, .slice, .stuckAfter, .memory, .shutdownTimeout, .duration, .logEvents,
      .onFailureMail, .onFailureWebhook:
      nil
    }
  }
}

/// Makes parser options of ``RunOption``, but for `--tz`, which ``ScriptOptions`` has.
///
/// The parser takes the names of options from a mirror of the type, and passes their values by a decoder. Other types
/// declare properties for that; this one makes both from the table.
struct RunOptions: ParsableArguments, CustomReflectable {
  private(set) var values: [RunOption: String] = [:]

  private static let own = RunOption.allCases.filter { $0 != .timeZone }

  init() {}

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: RunOption.self)
    for option in Self.own {
      values[option] = try container.decode(Option<String?>.self, forKey: option).wrappedValue
    }
  }

  var customMirror: Mirror {
    let children = Self.own.map { option in
      (
        label: option.rawValue as String?,
        value: Option<String?>(
          name: .customLong(option.rawValue), help: ArgumentHelp(option.help),
          completion: option.completion) as Any
      )
    }
    return Mirror(self, children: children)
  }
}
