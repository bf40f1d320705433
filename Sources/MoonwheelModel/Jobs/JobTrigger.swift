import Triggers

/// Determines when a job runs.
public enum JobTrigger: Sendable, Hashable {
  /// The job runs only on request.
  case onDemand
  case time(Trigger)
  case event(EventPattern)
  /// A function of the script determines the times: it gets an instant and returns the next one.
  case custom(CallbackID)

  /// The canonical text of the trigger, from which a job without a name gets one.
  public var text: String {
    switch self {
    case .onDemand: "on demand"
    case .time(let trigger): trigger.text
    case .event(let pattern): "on \(pattern.text)"
    case .custom: "trigger"
    }
  }

  /// A text that is equal for equal triggers, also after a restart.
  public var identity: String {
    switch self {
    case .onDemand, .event, .custom: text
    case .time(let trigger): trigger.identity
    }
  }

  /// True if a job keeps its schedule when a reload gives it the other trigger. A text that is relative to the present,
  /// such as `at 18:00`, is resolved once.
  package func continues(as other: JobTrigger) -> Bool {
    switch (self, other) {
    case (.custom, .custom): true
    case (.time(let old), .time(let new)): old.saysTheSame(as: new)
    default: self == other
    }
  }

  /// The trigger in English.
  public var words: String {
    switch self {
    case .onDemand: "when triggered"
    case .time(let trigger): trigger.words
    case .event(let pattern): "on the event \(pattern.text)"
    case .custom: "when its function says"
    }
  }
}
