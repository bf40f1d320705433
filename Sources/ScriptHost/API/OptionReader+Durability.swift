import MoonwheelModel
import Triggers

/// The options of missed fires, failed runs, history and state.
extension OptionReader {
  func readDurability(
    into policy: inout JobPolicy, named: Bool, isTimed: Bool
  ) throws(Mistake) {
    policy.grace = try length("grace")
    policy.catchup = try catchup(named: named, isTimed: isTimed)
    policy.catchupLimit = try integer("catchup_limit", 1...1_000_000) ?? policy.catchupLimit
    policy.retry = try retry()
    policy.restart = isNone("restart") ? false : (try flag("restart") ? true : nil)
    policy.history =
      isNone("history") ? 0 : try integer("history", 0...1_000_000) ?? policy.history
    policy.state = try state(named: named)
  }

  /// As a default, `catchup` applies only to named jobs with a time trigger.
  private func catchup(named: Bool, isTimed: Bool) throws(Mistake) -> Catchup? {
    if isNone("catchup") { return Catchup.none }
    guard let catchup = try choice("catchup", Catchup.self) else { return nil }
    guard isTimed else {
      guard isOwn("catchup") else { return nil }
      throw Mistake("option \"catchup\" goes with a trigger of time")
    }
    guard catchup != .none, !named else { return catchup }
    if isOwn("catchup") { throw Self.unnamed("catchup") }
    return nil
  }

  private func state(named: Bool) throws(Mistake) -> Value? {
    guard isOwn("state") else { return nil }
    let state = try data("state")
    guard state.typeName == "table" else {
      throw Mistake("option \"state\" must be a table, not \(state.described)")
    }
    guard named else { throw Self.unnamed("state") }
    return state
  }

  private static func unnamed(_ option: String) -> Mistake {
    Mistake(
      "option \"\(option)\" outlives the host, so the job must have a name: give it one, as in { name = \"sync\", \(option) = ... }"
    )
  }

  // MARK: retry

  private static let parts: Set<String> = ["max", "from", "to", "factor", "jitter", "unless"]
  private static let retryLimit = 1_000_000

  private func retry() throws(Mistake) -> RetryPolicy? {
    guard let value = self["retry"] else { return nil }
    let parts: [Value: Value]
    switch value {
    case .integer, .number: parts = ["max": value]
    case .table(let given): parts = given
    case .list(let values) where values.isEmpty: parts = [:]
    default:
      throw Mistake(
        "option \"retry\" is how many more attempts there are, or { max = 5, from = \"1s\", to = \"1h\", factor = 2, jitter = 0.1, unless = \"pattern\" }, not \(value.described)"
      )
    }
    for key in parts.keys.sorted(by: { $0.described < $1.described }) {
      guard let name = key.text, Self.parts.contains(name) else { throw Self.unknown(key) }
    }
    let most = try (parts["max"] ?? .nil).read(
      "retry.max", as: "a whole number from 0 to \(Self.retryLimit)"
    ) { $0.integer(in: 0...Self.retryLimit) }
    return most == 0 ? nil : try Self.retry(most, parts)
  }

  private static func unknown(_ key: Value) -> Mistake {
    if let advice = key.text.flatMap(ForeignOption.retryAdvice) {
      return Mistake("option \"retry\" has no part \(key.described): \(advice)")
    }
    let near = key.text.flatMap { Spelling.nearest(to: $0, in: parts.sorted()) }
    return Mistake(
      "option \"retry\" has no part \(key.described)"
        + (near.map { ", did you mean \"\($0)\"?" } ?? ""))
  }

  private static func retry(
    _ most: Int, _ parts: [Value: Value]
  ) throws(Mistake) -> RetryPolicy {
    var retry = RetryPolicy(max: most)
    if let from = parts["from"] { retry.from = try LuaAPI.duration(from, "retry.from") }
    retry.to = max(retry.to, retry.from)
    if let to = parts["to"] { retry.to = try LuaAPI.duration(to, "retry.to") }
    guard retry.to >= retry.from else {
      throw Mistake("retry.to must not be shorter than retry.from")
    }
    retry.factor =
      try parts["factor"]?.read("retry.factor", as: "a number from 1 to 1000") {
        $0.number(in: 1...1_000)
      } ?? retry.factor
    retry.jitter =
      try parts["jitter"]?.read("retry.jitter", as: "a number from 0 to 1") {
        $0.number(in: 0...1)
      } ?? retry.jitter
    if let unless = parts["unless"] { retry.unless = try pattern(unless) }
    return retry
  }

  private static func pattern(_ value: Value) throws(Mistake) -> String {
    let pattern = try value.read("retry.unless", as: "a pattern of Lua") {
      $0.text == "" ? nil : $0.text
    }
    if let problem = LuaPattern.problem(in: pattern) {
      throw Mistake("retry.unless: \"\(pattern)\" is not a pattern of Lua: \(problem)")
    }
    return pattern
  }
}
