import MoonwheelModel
import Triggers

/// What a job is, for reports of a store without a host: the words of its options are those of scripts.
extension Registration {
  var described: Value {
    [
      "name": .string(name), "line": .integer(Int64(line)), "trigger": .string(trigger.text),
      "tags": .list(policy.value.tags.map { .string($0) }), "options": policy.value.described,
    ]
  }
}

extension JobPolicy {
  private static let usual = JobPolicy()

  /// The options that differ from the usual ones; nil for none.
  fileprivate var described: Value {
    let usual = Self.usual
    var options: [Value: Value] = [:]
    func add<Option: Equatable>(
      _ name: String, _ option: KeyPath<JobPolicy, Option>, _ value: (Option) -> Value
    ) {
      guard self[keyPath: option] != usual[keyPath: option] else { return }
      options[.string(name)] = value(self[keyPath: option])
    }
    func count(_ number: Int) -> Value { .integer(Int64(number)) }
    func length(_ nanoseconds: Int64) -> Value {
      nanoseconds == .max ? false : .string(DurationText.format(nanoseconds))
    }
    func optional(_ nanoseconds: Int64?) -> Value { nanoseconds.map(length) ?? .nil }
    add("overlap", \.overlap) { .string($0.rawValue) }
    add("backlog", \.backlog, count)
    add("max_instances", \.maxInstances, count)
    add("fixed_delay", \.fixedDelay) { .bool($0) }
    add("now", \.now) { .bool($0) }
    add("priority", \.priority, count)
    add("paused", \.paused) { .bool($0) }
    add("timeout", \.limits.soft, length)
    add("cpu", \.limits.cpu, length)
    add("grace", \.grace, optional)
    add("catchup", \.catchup) { $0.map { .string($0.rawValue) } ?? .nil }
    add("catchup_limit", \.catchupLimit, count)
    add("retry", \.retry?.max) { $0.map(count) ?? .nil }
    add("restart", \.restart) { $0.map { .bool($0) } ?? .nil }
    add("history", \.history, count)
    add("debounce", \.debounce, optional)
    add("batch", \.batch) { $0.map(count) ?? .nil }
    add("jitter", \.window.jitter, length)
    if isolatesRuns { options["isolate"] = "run" }
    return options.isEmpty ? .nil : .table(options)
  }
}
