import JSON
import JobHistory
import Moonwheel
import MoonwheelModel
import Triggers

extension JobDescription {
  /// How a host finds the job that has this row in the store: paused or cancelled by somebody; nil if it is not.
  package func hold(in row: StoredJob) -> JobHold? {
    row.hold(ifTriggerIs: triggerIdentity)
  }

  /// Says that the job does not run, and what to do.
  package func warning(of hold: JobHold) -> String {
    "\(script):\(line): job \"\(name)\" does not run: \(hold.words(in: zone)); \(JobHold.remedy(for: name))"
      .escapingControls
  }

  /// `; next 2026-03-29T03:00:00+02:00`, `; paused`; empty for a job that has no trigger.
  package func nextText(_ hold: JobHold?) -> String {
    if let hold {
      return "; \(hold.state.rawValue) since \(hold.since.iso(in: zone))"
    }
    if policy.paused { return "; paused" }
    if isOver { return "; does not fire any more" }
    return next.map { "; next \($0.iso(in: zone))" } ?? ""
  }

  /// The job as `list --json` has it.
  package func json(_ hold: JobHold?) -> JSONValue {
    let held = hold.map { hold in
      JSONValue.object([
        ("state", .string(hold.state.rawValue)), ("since", .string(hold.since.iso(in: zone))),
        ("reason", hold.reason.map { .string($0) } ?? .null),
      ])
    }
    return .object(
      [
        ("script", .string(script)), ("line", .integer(Int64(line))), ("name", .string(name)),
        ("trigger", .string(trigger)), ("words", .string(words)),
        ("tz", timeZone.map { .string($0) } ?? .null),
        ("next", hold == nil ? next.map { .string($0.iso(in: zone)) } ?? .null : .null),
        ("tags", .array(tags.map { .string($0) })), ("options", .object(options)),
      ] + (held.map { [("held", $0)] } ?? []))
  }

  /// The options that differ from the defaults.
  private var options: [JSONValue.Member] {
    zip(options(of: policy), options(of: JobPolicy())).filter { $0.value != $1.value }.map(\.0)
  }

  private func options(of policy: JobPolicy) -> [JSONValue.Member] {
    let window = policy.window
    return [
      ("overlap", .string(policy.overlap.rawValue)), ("queue", .integer(Int64(policy.backlog))),
      ("max_instances", .integer(Int64(policy.maxInstances))),
      ("timeout", length(policy.limits.soft)), ("cpu", length(policy.limits.cpu)),
      ("fixed_delay", .bool(policy.fixedDelay)), ("now", .bool(policy.now)),
      ("paused", .bool(policy.paused)), ("priority", .integer(Int64(policy.priority))),
      ("from", window.from.map(instant) ?? window.fromAfter.map(length) ?? .null),
      ("till", window.till.map(instant) ?? window.tillAfter.map(length) ?? .null),
      ("times", window.times.map { .integer(Int64($0)) } ?? .null),
      ("jitter", length(window.jitter)),
    ]
  }

  private func instant(_ instant: Timestamp) -> JSONValue { .string(instant.iso(in: zone)) }

  /// A length as a script writes it; false if there is no limit.
  private func length(_ nanoseconds: Int64) -> JSONValue {
    nanoseconds == .max ? .bool(false) : .string(DurationText.format(nanoseconds))
  }
}
