import MoonwheelModel
import Triggers

/// The alarms that the handlers of the alarm script have not got yet: the first ones singly, and sums of the others.
///
/// At most ``burst`` alarms pass singly, and another one each ``refill``. Beyond that, alarms of the same event, script,
/// job and status become one, with a count and the time of the first. Sums pass once in each ``interval``. So a storm of
/// failures is heard at once, and costs a bounded number of runs and of memory, and the counts add up.
struct AlarmQueue: Sendable {
  static let burst = 10
  /// Nanoseconds.
  static let refill: Int64 = 6_000_000_000
  static let interval: Int64 = 60_000_000_000
  /// The most sums; the events of further jobs share one for each name.
  static let sumLimit = 100
  /// Beyond so many bytes of its payload, an alarm loses `data`, and its texts are cut.
  static let payloadLimit = 16 << 10
  private static let textLimit = 2_000

  fileprivate struct Subject: Hashable {
    var event: String
    /// The values in the payload. Nil in the sum of all others.
    var script: Value?
    var job: Value?
    var status: Value?
  }

  private struct Sum {
    var newest: Event
    var count: Int64
    /// Wall time of the first.
    var since: Timestamp
    /// True if it is of several jobs.
    let isOfMany: Bool
  }

  private var singles: [Event] = []
  private var sums: [Subject: Sum] = [:]
  /// The subjects in the order of their first events.
  private var order: [Subject] = []
  /// The elapsed time up to which the single alarms are used up.
  private var usedUntil: Int64
  /// The elapsed time from which the sums may pass; nil if there are none.
  private(set) var sumsDueAt: Int64?

  init(at now: Int64) { usedUntil = now }

  var isEmpty: Bool { singles.isEmpty && sums.isEmpty }

  /// The number of runs, scripts and failures of the store that wait.
  var count: Int64 {
    singles.reduce(0) { $0 + $1.alarmCount } + sums.values.reduce(0) { $0 + $1.count }
  }

  /// Adds an alarm. `now` is an elapsed time, `wall` the time of the event.
  mutating func add(_ event: Event, at now: Int64, _ wall: Timestamp) {
    let event = Self.bounded(event)
    let subject = Subject(event)
    usedUntil = max(usedUntil, now)
    if sums[subject] == nil, singles.count < Self.burst,
      usedUntil - now <= Int64(Self.burst - 1) * Self.refill
    {
      usedUntil += Self.refill
      singles.append(event)
    } else {
      sum(event, subject, at: now, wall)
    }
  }

  private static func bounded(_ event: Event) -> Event {
    guard event.payload.footprint > payloadLimit, case .table(var fields) = event.payload else {
      return event
    }
    fields["data"] = nil
    for (key, value) in fields {
      if let text = value.text { fields[key] = .string(text.cut(toBytes: textLimit)) }
    }
    return Event(
      name: event.name, payload: .table(fields), source: event.source, depth: event.depth)
  }

  private mutating func sum(_ event: Event, _ subject: Subject, at now: Int64, _ wall: Timestamp) {
    let isOfMany = sums[subject] == nil && sums.count >= Self.sumLimit
    let subject = isOfMany ? Subject(event: event.name) : subject
    if sums[subject] == nil {
      sums[subject] = Sum(newest: event, count: 0, since: wall, isOfMany: isOfMany)
      order.append(subject)
    }
    sums[subject]?.newest = event
    sums[subject]?.count += event.alarmCount
    sumsDueAt = sumsDueAt ?? now + Self.interval
  }

  /// Removes the alarms that may pass now: the single ones, and the sums if they are due or `all` is true.
  mutating func take(at now: Int64, all: Bool = false) -> [Event] {
    var events = singles
    singles = []
    guard all || (sumsDueAt.map { $0 <= now } ?? false) else { return events }
    events += order.compactMap { subject in sums[subject].map(Self.event) }
    sums = [:]
    order = []
    sumsDueAt = nil
    return events
  }

  /// Puts alarms back that their handlers had no room for.
  mutating func putBack(_ events: ArraySlice<Event>, at now: Int64, _ wall: Timestamp) {
    for event in events {
      let since = event.payload["since"]?.double.map {
        Timestamp(nanoseconds: Int64(saturating: ($0 * 1e9).rounded()))
      }
      sum(event, Subject(event), at: now, since ?? wall)
    }
  }

  private static func event(of sum: Sum) -> Event {
    guard sum.count > sum.newest.alarmCount, case .table(var fields) = sum.newest.payload else {
      return sum.newest
    }
    var left: Set<Value> = ["run", "attempt", "final", "scheduled_at", "data"]
    if sum.isOfMany { left.formUnion(["script", "job", "status"]) }
    for key in left { fields[key] = nil }
    fields["count"] = .integer(sum.count)
    fields["since"] = .number(Double(sum.since.nanoseconds) / 1e9)
    return Event(
      name: sum.newest.name, payload: .table(fields), source: sum.newest.source,
      depth: sum.newest.depth)
  }
}

extension AlarmQueue.Subject {
  fileprivate init(_ event: Event) {
    self.init(
      event: event.name, script: event.payload["script"], job: event.payload["job"],
      status: event.payload["status"])
  }
}

extension Event {
  /// How many fires, scripts or failures of the store the event stands for.
  fileprivate var alarmCount: Int64 { max(1, payload["count"]?.int ?? 1) }
}
