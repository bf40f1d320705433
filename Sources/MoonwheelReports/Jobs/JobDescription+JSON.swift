import JSON
import Moonwheel
import MoonwheelModel
import Triggers

extension JobDescription {
  /// `; next 2026-03-29T03:00:00+02:00`, `; paused`; empty for a job that has no trigger.
  package var nextText: String {
    if policy.paused { return "; paused" }
    if isOver { return "; does not fire any more" }
    return next.map { "; next \($0.iso(in: zone))" } ?? ""
  }

  /// The job as `list --json` has it.
  package var json: JSONValue {
    .object([
      ("script", .string(script)), ("line", .integer(Int64(line))), ("name", .string(name)),
      ("trigger", .string(trigger)), ("words", .string(words)),
      ("tz", timeZone.map { .string($0.name) } ?? .null),
      ("next", next.map { .string($0.iso(in: zone)) } ?? .null),
      ("tags", .array(tags.map { .string($0) })), ("options", options),
    ])
  }

  /// The options that differ from the defaults.
  private var options: JSONValue {
    let standard = JobPolicy()
    var members: [JSONValue.Member] = []
    if policy.overlap != standard.overlap {
      members.append(("overlap", .string(policy.overlap.rawValue)))
    }
    if policy.backlog != standard.backlog {
      members.append(("queue", .integer(Int64(policy.backlog))))
    }
    if policy.maxInstances != standard.maxInstances {
      members.append(("max_instances", .integer(Int64(policy.maxInstances))))
    }
    if policy.limits.soft != standard.limits.soft {
      members.append(("timeout", length(policy.limits.soft)))
    }
    if policy.limits.cpu != standard.limits.cpu {
      members.append(("cpu", length(policy.limits.cpu)))
    }
    if policy.fixedDelay { members.append(("fixed_delay", .bool(true))) }
    if policy.now { members.append(("now", .bool(true))) }
    if policy.paused { members.append(("paused", .bool(true))) }
    if policy.priority != 0 { members.append(("priority", .integer(Int64(policy.priority)))) }
    return .object(members + window)
  }

  private var window: [JSONValue.Member] {
    let window = policy.window
    var members: [JSONValue.Member] = []
    let from = window.from.map(instant) ?? window.fromAfter.map(length)
    let till = window.till.map(instant) ?? window.tillAfter.map(length)
    if let from { members.append(("from", from)) }
    if let till { members.append(("till", till)) }
    if let times = window.times { members.append(("times", .integer(Int64(times)))) }
    if window.jitter > 0 { members.append(("jitter", length(window.jitter))) }
    return members
  }

  private func instant(_ instant: Timestamp) -> JSONValue { .string(instant.iso(in: zone)) }

  /// A length as a script writes it; false if there is no limit.
  private func length(_ nanoseconds: Int64) -> JSONValue {
    nanoseconds == .max ? .bool(false) : .string(DurationText.format(nanoseconds))
  }
}
