import MoonwheelModel
import Triggers

/// Reads and checks the options of a job. An unknown option is refused with a suggestion.
struct OptionReader {
  private static let known: Set<String> = [
    "name", "tags", "priority", "tz", "gap", "fold", "lat", "lon", "now", "fixed_delay", "overlap",
    "backlog", "max_instances", "args", "paused", "timeout", "cpu", "from", "till", "times",
    "jitter", "grace", "catchup", "catchup_limit", "memory", "retry", "restart", "history",
    "isolate", "when", "state", "debounce", "batch", "on_success", "on_failure", "on_retry",
    "on_missed", "ping",
  ]
  /// The options of trigger values.
  private static let temporal: Set<String> = ["tz", "gap", "fold", "lat", "lon"]
  /// The options that `defaults` refuses, since they belong to one job.
  private static let individual: Set<String> = [
    "name", "args", "state", "times", "from", "till", "now", "paused", "ping",
  ]

  /// Checked already.
  var options = Options()
  let defaults: Options
  /// Advice about an option under an old name. The caller passes it to ``ScriptIsolate/warn(_:)``.
  var warning: String?

  /// The name of an option as the script wrote it, for messages.
  func written(_ name: String) -> String {
    name == "backlog" && warning != nil ? "queue" : name
  }
}

// MARK: - Checks

extension OptionReader {
  /// `extra` holds keys that the caller reads itself.
  init(_ value: Value, defaults: Options, extra: Set<String> = []) throws(Mistake) {
    var options = Options()
    switch value {
    case .nil: break
    case .table(let pairs): options = try Options(pairs)
    case .list(let values) where values.isEmpty: break
    case .list: throw Mistake("options have names, but there is one under 1")
    default: throw Mistake("options must be a table with named fields, not \(value.described)")
    }
    let warning = try Self.renameQueue(in: &options)
    try Self.check(options, extra: extra)
    self.init(options: options, defaults: defaults, warning: warning)
  }

  /// Renames `queue`, the old name of `backlog`. Returns advice about it; nil if the script does not use the old name.
  private static func renameQueue(in options: inout Options) throws(Mistake) -> String? {
    guard let value = options["queue"] else { return nil }
    guard options["backlog"] == nil else {
      throw Mistake(
        "queue is the old name of the option backlog, and both are given; keep backlog alone")
    }
    options["queue"] = nil
    options["backlog"] = value
    return "the option queue is now called backlog; write backlog = \(value.described)"
  }

  /// The options of a trigger value. Options that do not concern the time of fires belong to a job, and are refused.
  init(ofTrigger word: String, _ value: Value, defaults: Options) throws(Mistake) {
    try self.init(value, defaults: defaults)
    let others = options.names.filter { !Self.temporal.contains($0) }
    guard let other = others.min() else { return }
    throw Mistake(
      "option \"\(written(other))\" belongs to a job, and this \(word) is none: it has no function; give it one, or put the option into job(...)"
    )
  }

  /// The options of `defaults { ... }`.
  init(ofDefaults value: Value) throws(Mistake) {
    guard value.typeName == "table" else {
      throw Mistake("defaults takes a table of options, not \(value.described)")
    }
    try self.init(value, defaults: Options(), extra: [Self.formerly])
    if let name = options.names.filter({ Self.individual.contains($0) }).min() {
      throw Mistake("defaults cannot set \"\(name)\": it belongs to one job")
    }
  }

  /// Refuses unknown options; the message names the first five in alphabetical order.
  private static func check(_ options: Options, extra: Set<String>) throws(Mistake) {
    let others = options.names.filter { !known.contains($0) && !extra.contains($0) }.sorted()
    guard !others.isEmpty else { return }
    let more = others.count > 5 ? ["and \(others.count - 5) more"] : []
    throw Mistake(
      (others.prefix(5).map { refusal(of: $0, extra: extra) } + more).joined(separator: "; "))
  }

  private static func refusal(of name: String, extra: Set<String>) -> String {
    if let advice = ForeignOption.advice(name, hasRun: extra.contains("run")) {
      return "unknown option \"\(name)\": \(advice)"
    }
    let near = Spelling.nearest(to: name, in: known.union(extra).sorted())
    return "unknown option \"\(name)\"" + (near.map { ", did you mean \"\($0)\"?" } ?? "")
  }
}

// MARK: - Values

extension OptionReader {
  /// The value of an option or its default. Nil if it is missing or `false`; `false` also hides a default.
  subscript(name: String) -> Value? {
    guard let value = options[name] ?? defaults[name], value != .bool(false), !value.isNil else {
      return nil
    }
    return value
  }

  /// What `convert` makes of the option; nil if the option is missing. Throws that it must be `kind` if that is nil.
  func read<Result>(
    _ name: String, as kind: @autoclosure () -> String, _ convert: (Value) -> Result?
  ) throws(Mistake) -> Result? {
    try self[name]?.read("option \"\(written(name))\"", as: kind(), convert)
  }

  func text(_ name: String) throws(Mistake) -> String? {
    try read(name, as: "a string") { $0.text == "" ? nil : $0.text }
  }

  func flag(_ name: String) throws(Mistake) -> Bool {
    try read(name, as: "true or false", \.boolean) ?? false
  }

  func integer(_ name: String, _ range: ClosedRange<Int>) throws(Mistake) -> Int? {
    try read(name, as: "a whole number from \(range.lowerBound) to \(range.upperBound)") {
      $0.integer(in: range)
    }
  }

  func number(_ name: String) throws(Mistake) -> Double? {
    try read(name, as: "a number") {
      $0.number(in: -.greatestFiniteMagnitude ... .greatestFiniteMagnitude)
    }
  }

  func choice<T: RawRepresentable & CaseIterable>(_ name: String, _ type: T.Type) throws(Mistake)
    -> T?
  where T.RawValue == String {
    guard let text = try text(name) else { return nil }
    guard let choice = T(rawValue: text) else {
      let all = T.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
      throw Mistake("option \"\(name)\" must be one of \(all), not \"\(text)\"")
    }
    return choice
  }

  func texts(_ name: String) throws(Mistake) -> [String] {
    guard let value = self[name] else { return [] }
    if case .table(let pairs) = value, pairs.isEmpty { return [] }
    guard case .list(let values) = value else {
      throw Mistake("option \"\(name)\" must be a list of strings, not \(value.described)")
    }
    return try values.map { (value) throws(Mistake) in
      guard let text = value.text else {
        throw Mistake("option \"\(name)\" must be a list of strings, but has \(value.described)")
      }
      return text
    }
  }
}
