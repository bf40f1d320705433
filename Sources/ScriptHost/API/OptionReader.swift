import MoonwheelModel
import Triggers

/// Reads the options of a job out of the script's table; each is checked, an unknown one is refused with a suggestion.
struct OptionReader {
  private static let known: Set<String> = [
    "name", "tags", "priority", "tz", "gap", "fold", "lat", "lon", "now", "fixed_delay", "overlap",
    "queue", "max_instances", "args", "paused", "timeout", "cpu", "from", "till", "times", "jitter",
    "grace", "catchup", "catchup_limit", "memory", "retry", "restart", "history", "isolate", "when",
    "state", "debounce", "batch", "on_success", "on_failure", "on_retry", "on_missed",
  ]
  /// What a trigger value takes.
  private static let temporal: Set<String> = ["tz", "gap", "fold", "lat", "lon"]
  /// What `defaults` does not take, since it belongs to one job.
  private static let individual: Set<String> = [
    "name", "args", "state", "times", "from", "till", "now", "paused",
  ]

  let options: Options
  let defaults: Options

  /// `extra` are keys that belong to the caller.
  init(_ value: Value, defaults: Options, extra: Set<String> = []) throws(Mistake) {
    switch value {
    case .nil: options = Options()
    case .table(let pairs): options = try Options(pairs)
    case .list: throw Mistake("options have names, but there is one under 1")
    default: throw Mistake("options must be a table with named fields, not \(value.described)")
    }
    self.defaults = defaults
    try Self.check(options, extra: extra)
  }

  /// Of options that are checked already.
  init(_ options: Options, defaults: Options) {
    self.options = options
    self.defaults = defaults
  }

  /// The options of a trigger value: those that say when, and no others, since a job has the rest.
  init(ofTrigger word: String, _ value: Value, defaults: Options) throws(Mistake) {
    try self.init(value, defaults: defaults)
    let others = options.names.filter { !Self.temporal.contains($0) }
    guard let other = others.min() else { return }
    throw Mistake(
      "option \"\(other)\" belongs to a job, and this \(word) is none: it has no function; give it one, or put the option into job(...)"
    )
  }

  static func defaults(_ value: Value) throws(Mistake) -> Options {
    guard case .table(let pairs) = value else {
      throw Mistake("defaults takes a table of options, not \(value.described)")
    }
    let options = try Options(pairs)
    try check(options, extra: [])
    if let name = options.names.filter({ individual.contains($0) }).min() {
      throw Mistake("defaults cannot set \"\(name)\": it belongs to one job")
    }
    return options
  }

  /// Refuses the first by name that is not known.
  private static func check(_ options: Options, extra: Set<String>) throws(Mistake) {
    let others = options.names.filter { !known.contains($0) && !extra.contains($0) }
    guard let name = others.min() else { return }
    let near = Spelling.nearest(to: name, in: known.union(extra).sorted())
    throw Mistake(
      "unknown option \"\(name)\"" + (near.map { ", did you mean \"\($0)\"?" } ?? ""))
  }

  /// `false` means none: it also hides a default.
  subscript(name: String) -> Value? {
    guard let value = options[name] ?? defaults[name], value != .bool(false), !value.isNil else {
      return nil
    }
    return value
  }

  func text(_ name: String) throws(Mistake) -> String? {
    guard let value = self[name] else { return nil }
    guard let text = value.text, !text.isEmpty else {
      throw Mistake("option \"\(name)\" must be a string, not \(value.described)")
    }
    return text
  }

  func flag(_ name: String) throws(Mistake) -> Bool {
    guard let value = self[name] else { return false }
    guard let flag = value.boolean else {
      throw Mistake("option \"\(name)\" must be true or false, not \(value.described)")
    }
    return flag
  }

  func integer(_ name: String, _ range: ClosedRange<Int>) throws(Mistake) -> Int? {
    guard let value = self[name] else { return nil }
    guard let integer = value.int, let result = Int(exactly: integer), range.contains(result) else {
      throw Mistake(
        "option \"\(name)\" must be a whole number from \(range.lowerBound) to \(range.upperBound), not \(value.described)"
      )
    }
    return result
  }

  func number(_ name: String) throws(Mistake) -> Double? {
    guard let value = self[name] else { return nil }
    guard let number = value.double, number.isFinite else {
      throw Mistake("option \"\(name)\" must be a number, not \(value.described)")
    }
    return number
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
