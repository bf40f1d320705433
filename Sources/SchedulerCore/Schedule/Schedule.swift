import MoonwheelModel
import Triggers

/// How the core finds the next fire of a job. It is the job's trigger with the options that change it, and it follows no
/// reference, so that a fire reads one cache line.
enum Schedule {
  /// The job runs only on request.
  case onDemand
  /// `ofHost` is true if the job handles events of the host.
  case event(Delivery, ofHost: Bool)
  /// Every so many nanoseconds of elapsed time.
  case period(Int64)
  /// So many nanoseconds of elapsed time after the end of a run: a period with `fixed_delay`.
  case delay(Int64)
  /// After a random gap of elapsed time.
  case randomGap
  /// One instant: `at`, `after` or `@reboot`.
  case once(Clock)
  /// Wall times that the trigger searches for.
  case calendar
  /// A function of the script says when. It has been asked for the next fire if there is a request.
  case custom(OpenRequest?)

  /// The clock of a job's instants.
  enum Clock {
    case elapsed
    case wall
  }

  /// How a handler gets its events.
  enum Delivery {
    /// One for each run. The core starts each of them.
    case single
    /// One for each run. No option affects the start of the next one, so a worker may start it.
    case leased
    /// A run may get several, with `debounce` or `batch`.
    case gathered
  }

  /// A request to a trigger function without an answer yet.
  struct OpenRequest {
    var number: UInt32
    /// True if it is about the time during which the host was down.
    var isCatchUp: Bool
  }

  init(_ trigger: JobTrigger, _ policy: JobPolicy) {
    switch trigger {
    case .onDemand: self = .onDemand
    case .event(let pattern):
      let delivery: Delivery =
        policy.gathersEvents ? .gathered : policy.affectsNextEvent ? .single : .leased
      self = .event(delivery, ofHost: pattern.matchesHostEvents)
    case .time(.every(let period, _)): self = policy.fixedDelay ? .delay(period) : .period(period)
    case .time(.everyBetween): self = .randomGap
    case .time(.after), .time(.reboot): self = .once(.elapsed)
    case .time(.calendar(let calendar)):
      self = calendar.hasOneInstant ? .once(.wall) : .calendar
    case .custom: self = .custom(nil)
    }
  }

  /// True if time makes the job fire.
  var isTimed: Bool {
    switch self {
    case .onDemand, .event: false
    case .period, .delay, .randomGap, .once, .calendar, .custom: true
    }
  }

  /// True if the instants are wall times, false if they are elapsed times.
  var isOnWallTime: Bool {
    switch self {
    case .calendar, .custom, .once(.wall): true
    case .onDemand, .event, .period, .delay, .randomGap, .once(.elapsed): false
    }
  }

  var isOnce: Bool { if case .once = self { true } else { false } }

  var isCustom: Bool { if case .custom = self { true } else { false } }

  /// The request to the trigger function that has no answer.
  var openRequest: OpenRequest? {
    if case .custom(let request) = self { request } else { nil }
  }

  var hasFixedDelay: Bool { if case .delay = self { true } else { false } }

  var gathersEvents: Bool { if case .event(.gathered, _) = self { true } else { false } }

  var allowsLeases: Bool { if case .event(.leased, _) = self { true } else { false } }

  var isHostHandler: Bool { if case .event(_, ofHost: true) = self { true } else { false } }

  /// The time from one fire to the next, or from the end of a run to the next fire, in nanoseconds.
  var period: Int64? {
    switch self {
    case .period(let period), .delay(let period): period
    default: nil
    }
  }

  /// True if the next fire cannot be computed without the previous one.
  var dependsOnLastFire: Bool {
    switch self {
    case .delay, .randomGap, .custom: true
    case .onDemand, .event, .period, .once, .calendar: false
    }
  }
}

extension JobPolicy {
  /// True if the core has something to decide or to do between two events of a handler.
  fileprivate var affectsNextEvent: Bool {
    overlap != .queue || isolatesRuns || JobOptions(self) != []
  }
}
