import MoonwheelModel
import Triggers

extension OptionReader {
  /// How the job is run, but for its window. `named` is whether the script gave it a name.
  func policy(
    for trigger: JobTrigger, named: Bool, _ configuration: Configuration
  ) throws(Mistake) -> JobPolicy {
    let isEvent = trigger.isEvent
    var policy = JobPolicy(
      overlap: try choice("overlap", Overlap.self) ?? (isEvent ? .queue : .skip),
      backlog: try integer("backlog", 1...1_000_000) ?? (isEvent ? configuration.eventQueue : 1),
      maxInstances: try integer("max_instances", 1...100_000) ?? 16,
      fixedDelay: try fixedDelay(trigger), now: try flag("now"),
      priority: try integer("priority", -1_000_000...1_000_000) ?? 0, paused: try flag("paused"),
      arguments: try data("args"), tags: try texts("tags"), limits: try limits())
    policy.hooks = try hooks()
    try readDurability(into: &policy, named: named, isTimed: trigger.isTimed)
    try readGathering(into: &policy, isEvent: isEvent)
    try readIsolation(into: &policy, configuration)
    return policy
  }

  private func fixedDelay(_ trigger: JobTrigger) throws(Mistake) -> Bool {
    guard try flag("fixed_delay") else { return false }
    if case .time(.every) = trigger { return true }
    throw Mistake(
      "fixed_delay goes with a duration, as in every(\"10s\", { fixed_delay = true }, f)")
  }

  /// A value of the job's own, without functions; nil where it is not given.
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

  /// `timeout` is a duration, or `{ soft = ..., hard = ... }`; `false` is none.
  private func limits() throws(Mistake) -> RunLimits {
    var limits = RunLimits()
    switch self["timeout"] {
    case nil: if isNone("timeout") { limits = RunLimits(soft: .max) }
    case .table(let parts):
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

  /// `debounce` and `batch`. As a default they hold for handlers alone.
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

  /// `isolate`, and `memory` where each run has a state of its own.
  private func readIsolation(
    into policy: inout JobPolicy, _ configuration: Configuration
  ) throws(Mistake) {
    policy.isolatesRuns = try choice("isolate", Isolation.self) == .run
    if policy.isolatesRuns {
      policy.memory = try memory(configuration)
    } else if isOwn("memory") {
      throw Mistake(
        "option \"memory\" is of the script's state, which its jobs share: put it into defaults, or give the job isolate = \"run\""
      )
    }
  }

  /// Bytes that a state may hold; nil where nothing is said.
  func memory(_ configuration: Configuration) throws(Mistake) -> Int? {
    guard let value = self["memory"] else { return nil }
    let least = 1 << 20
    let most = max(least, configuration.largestMemory)
    let bytes = value.text.map(MemorySize.bytes) ?? value.int.flatMap { Int(exactly: $0) }
    guard let bytes, (least...most).contains(bytes) else {
      throw Mistake(
        "option \"memory\" must be from \(MemorySize.text(least)) to \(MemorySize.text(most)), as in \"128 MiB\" or a number of bytes, not \(value.described)"
      )
    }
    return bytes
  }

  func length(_ name: String) throws(Mistake) -> Int64? {
    guard let value = self[name] else { return nil }
    return try LuaAPI.duration(value, "option \"\(name)\"")
  }

  /// Whether the job itself says it, rather than a default.
  func isOwn(_ name: String) -> Bool {
    guard let value = options[name] else { return false }
    return value != .bool(false) && value != .nil
  }

  /// Whether `false` was given: none, which is not the same as nothing said.
  func isNone(_ name: String) -> Bool { (options[name] ?? defaults[name]) == .bool(false) }
}

/// What has a state of its own.
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

  var isEvent: Bool {
    if case .event = self { true } else { false }
  }
}
