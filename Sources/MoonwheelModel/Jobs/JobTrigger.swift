import Triggers

/// When a job runs.
public enum JobTrigger: Sendable, Hashable {
  /// Only when asked to.
  case onDemand
  case time(Trigger)
  case event(EventPattern)
  /// When a function of the script says: it is given an instant and answers with the next.
  case custom(CallbackID)

  /// Identity of the trigger and base of a derived name.
  public var text: String {
    switch self {
    case .onDemand: "on demand"
    case .time(let trigger): trigger.text
    case .event(let pattern): "on \(pattern.text)"
    case .custom: "trigger"
    }
  }

  /// What tells this trigger from another across restarts.
  public var identity: String {
    switch self {
    case .onDemand, .event, .custom: text
    case .time(let trigger): trigger.identity
    }
  }

  /// Whether a reload with the other trigger leaves a job as it is. A text that is relative to the present, such as
  /// `at 18:00`, is resolved once.
  package func continues(as other: JobTrigger) -> Bool {
    switch (self, other) {
    case (.custom, .custom): true
    case (.time(let old), .time(let new)): old.saysTheSame(as: new)
    default: self == other
    }
  }

  public var words: String {
    switch self {
    case .onDemand: "when triggered"
    case .time(let trigger): trigger.words
    case .event(let pattern): "on the event \(pattern.text)"
    case .custom: "when its function says"
    }
  }
}
