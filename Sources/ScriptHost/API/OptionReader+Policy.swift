import MoonwheelModel
import Triggers

extension OptionReader {
  /// The policy of a job, without its window. `named`: the script gave the job a name.
  func policy(
    for trigger: JobTrigger, named: Bool, _ configuration: Configuration
  ) throws(Mistake) -> JobPolicy {
    let isEvent = trigger.pattern != nil
    var policy = JobPolicy()
    if isEvent {
      policy.overlap = .queue
      policy.backlog = configuration.eventQueue
    }
    policy.overlap = try choice("overlap", Overlap.self) ?? policy.overlap
    policy.backlog = try integer("backlog", 1...1_000_000) ?? policy.backlog
    policy.maxInstances = try integer("max_instances", 1...100_000) ?? policy.maxInstances
    policy.fixedDelay = try fixedDelay(trigger)
    policy.now = try flag("now")
    policy.priority = try integer("priority", -1_000_000...1_000_000) ?? policy.priority
    policy.paused = try flag("paused")
    policy.arguments = try data("args")
    policy.tags = try texts("tags")
    policy.limits = try limits()
    policy.hooks = try hooks()
    try readDurability(into: &policy, named: named, isTimed: trigger.isTimed)
    try readGathering(into: &policy, isEvent: isEvent)
    try readIsolation(into: &policy, configuration)
    try refuseUseless(policy, trigger)
    return policy
  }

  private func fixedDelay(_ trigger: JobTrigger) throws(Mistake) -> Bool {
    guard try flag("fixed_delay") else { return false }
    if case .time(.every) = trigger { return true }
    guard isOwn("fixed_delay") else { return false }
    throw Mistake(
      "fixed_delay goes with a duration, as in every(\"10s\", { fixed_delay = true }, f)")
  }

  /// A value without functions from the job's own options, ignoring defaults; `.nil` if it is missing.
  func data(_ name: String) throws(Mistake) -> Value {
    let value = options[name] ?? .nil
    try value.refuse("options.\(name)") {
      switch $0 {
      case .callback: "a function cannot leave its script"
      case .job where name == "state": "a job cannot be kept; keep its name"
      default: nil
      }
    }
    return value
  }

  /// `timeout` is a duration, `{ soft = ..., hard = ... }`, or `false` for none.
  private func limits() throws(Mistake) -> RunLimits {
    var limits = RunLimits()
    switch self["timeout"] {
    case nil: if isNone("timeout") { limits = RunLimits(soft: .max) }
    case let value? where value.typeName == "table":
      let parts = value.pairs ?? [:]
      guard parts.keys.allSatisfy({ $0 == "soft" || $0 == "hard" }), let soft = parts["soft"] else {
        throw Mistake("option \"timeout\" is a duration, or { soft = \"10s\", hard = \"15s\" }")
      }
      let softLength = try LuaAPI.duration(soft, "timeout.soft")
      let hardLength = try parts["hard"].map { (hard) throws(Mistake) in
        try LuaAPI.duration(hard, "timeout.hard")
      }
      if let hardLength, hardLength < softLength {
        throw Mistake("timeout.hard must not be before timeout.soft")
      }
      limits = RunLimits(soft: softLength, hard: hardLength)
    case let value?: limits = RunLimits(soft: try LuaAPI.duration(value, "timeout"))
    }
    if let cpu = self["cpu"] { limits.cpu = try LuaAPI.duration(cpu, "cpu") }
    return limits
  }

  /// `debounce` and `batch`. As defaults they apply only to event handlers.
  private func readGathering(into policy: inout JobPolicy, isEvent: Bool) throws(Mistake) {
    guard isEvent else {
      for name in ["debounce", "batch"] where isOwn(name) {
        throw Mistake("option \"\(name)\" gathers events: it goes with on(\"...\", options, f)")
      }
      return
    }
    policy.debounce = try length("debounce")
    policy.batch = try integer("batch", 1...1_000_000)
  }

  /// `isolate`, and `memory` of a private isolate.
  private func readIsolation(
    into policy: inout JobPolicy, _ configuration: Configuration
  ) throws(Mistake) {
    policy.isolatesRuns = try choice("isolate", Isolation.self) == .run
    if policy.isolatesRuns {
      policy.memory = try memory(configuration)
    } else if isOwn("memory") {
      throw Mistake(
        "option \"memory\" limits the script's Lua state, which its jobs share: put it into defaults, or give the job isolate = \"run\""
      )
    }
  }

  /// The memory cap of an isolate in bytes; nil if there is no option.
  func memory(_ configuration: Configuration) throws(Mistake) -> Int? {
    let range = (1 << 20)...max(1 << 20, configuration.largestMemory)
    return try read(
      "memory",
      as:
        "from \(MemorySize.text(range.lowerBound)) to \(MemorySize.text(range.upperBound)), as in \"128 MiB\" or a number of bytes"
    ) { value in
      let bytes = value.text.map(MemorySize.bytes) ?? value.int.flatMap { Int(exactly: $0) }
      return bytes.flatMap { range.contains($0) ? $0 : nil }
    }
  }

  func length(_ name: String) throws(Mistake) -> Int64? {
    guard let value = self[name] else { return nil }
    return try LuaAPI.duration(value, "option \"\(name)\"")
  }

  /// Whether the job itself sets the option, not only a default.
  func isOwn(_ name: String) -> Bool {
    guard let value = options[name] else { return false }
    return value != .bool(false) && value != .nil
  }

  /// Whether the option is `false`, which differs from a missing option.
  func isNone(_ name: String) -> Bool { (options[name] ?? defaults[name]) == .bool(false) }
}

/// The values of the option `isolate`.
private enum Isolation: String, CaseIterable {
  case script
  case run
}

extension JobTrigger {
  package var isTimed: Bool {
    switch self {
    case .time, .custom: true
    case .onDemand, .event: false
    }
  }
}
