import MoonwheelModel
import Triggers

/// Makes triggers from words with a spec and options, and from trigger values, which are the tables
/// `{ word = "cron", spec, options }` and `{ op = "|", left, right }`.
struct TriggerReader {
  let environment: ScriptEnvironment
  /// Script and job, to seed hashes and random numbers.
  let key: String
  let now: Timestamp
  /// No options but the script's defaults.
  let defaults: OptionReader

  init(_ isolate: ScriptIsolate, job: String? = nil) {
    environment = isolate.environment
    key = job.map { "\(isolate.name):\($0)" } ?? isolate.name
    now = environment.clock.read().wall
    defaults = OptionReader(defaults: isolate.registry.defaults)
  }

  func trigger(
    word: String, spec: Value, options: OptionReader
  ) throws(Mistake) -> JobTrigger {
    do {
      return try parse(word, spec, try triggerOptions(options))
    } catch {
      throw Mistake("\(error)")
    }
  }

  /// `from`, `till`, `times` and `jitter` of a job with this trigger. Refuses a trigger that never fires.
  func window(_ reader: OptionReader, for trigger: JobTrigger) throws(Mistake) -> FireWindow {
    do {
      let options = try triggerOptions(reader)
      if case .time(let time) = trigger { try time.checkFires() }
      return try reader.window(options, for: trigger)
    } catch {
      throw Mistake("\(error)")
    }
  }

  private func parse(_ word: String, _ spec: Value, _ options: TriggerOptions) throws -> JobTrigger
  {
    switch (word, spec) {
    case ("every", .string(let text)): return .time(try .every(text, options))
    case ("cron", .string(let text)): return .time(try .cron(text, options))
    case ("at", .string(let text)): return .time(try .at(text, options))
    case ("after", .string(let text)): return .time(try .after(text))
    case ("trigger", .callback(let function)): return .custom(function)
    case ("on", .string(let text)): return .event(try EventPattern(text))
    case ("every", .integer), ("every", .number):
      return .time(try .every(seconds: spec.double ?? 0))
    case ("at", .integer), ("at", .number): return .time(try .at(epochSeconds: spec.double ?? 0))
    case ("after", .integer(0)), ("after", .number(0)):
      throw Mistake(
        "after: 0 seconds is no time at all; for one run at once write after(\"1ms\", f)")
    case ("after", .integer), ("after", .number):
      return .time(try .after(seconds: spec.double ?? 0))
    case ("dates", .list(let days)):
      if let other = days.first(where: { $0.text == nil }) {
        throw Mistake("dates: a date is a text like \"2026-12-25\", not \(other.described)")
      }
      return .time(try .dates(days.compactMap(\.text), options))
    case ("between", .list(let ends)) where ends.count == 2:
      guard let from = ends[0].text, let to = ends[1].text else { break }
      return .time(try .between(from, to, options))
    case ("dates", .table(let days)) where days.isEmpty: return .time(try .dates([], options))
    default: break
    }
    let found = word == "between" ? "" : ", not \(spec.described)"
    throw Mistake("\(word) takes \(Self.takes(word)) first\(found)")
  }

  private static func takes(_ word: String) -> String {
    switch word {
    case "every": "a duration or a spec like \"10s\" or \"day at 10:30\", or a number of seconds,"
    case "cron": "an expression like \"*/5 * * * *\""
    case "at": "a time like \"2026-12-24 18:00\" or \"18:00\", or seconds since 1970,"
    case "after": "a duration like \"10m\", or a number of seconds,"
    case "dates": "a list of dates like { \"2026-12-25\" }"
    case "between": "two times of day like \"09:00\", \"17:00\", or two dates,"
    case "trigger": "a function that is given an instant and returns the next one"
    default: "the name of an event, or a pattern like \"order.*\","
    }
  }

  func triggerOptions(_ reader: OptionReader) throws -> TriggerOptions {
    let zone =
      try reader.text("tz").map { try environment.zones.zone(named: $0) } ?? environment.zone
    return TriggerOptions(
      zone: zone, gap: try reader.choice("gap", Gap.self),
      fold: try reader.choice("fold", Fold.self),
      hashKey: key, seed: environment.seed, now: now, latitude: try reader.number("lat"),
      longitude: try reader.number("lon"))
  }

  /// Reads a trigger value. Its depth is bounded by the depth of messages.
  func trigger(_ value: Value, options: OptionReader? = nil) throws(Mistake) -> JobTrigger {
    let options = options ?? defaults
    guard let parts = value.pairs else {
      throw Mistake("a trigger is made by every, cron, at, after or on; this is \(value.described)")
    }
    if let op = parts["op"]?.text { return try combined(op, parts, options) }
    guard let word = parts["word"]?.text else {
      throw Mistake("a trigger is made by every, cron, at, after or on; this is another table")
    }
    let isOrdered = parts.keys.allSatisfy { $0.int.map { $0 <= 2 } ?? true }
    guard isOrdered, parts[.integer(2)]?.callback == nil else {
      throw Mistake(
        "\(word) takes a spec, then options if you like, and a function as the last argument")
    }
    let own = try OptionReader(
      ofTrigger: word, parts[.integer(2)] ?? .nil,
      defaults: options.defaults.merged(with: options.options))
    let trigger = try trigger(word: word, spec: parts[.integer(1)] ?? .nil, options: own)
    try own.refuseUselessTime(trigger)
    return trigger
  }

  private func combined(
    _ op: String, _ parts: [Value: Value], _ options: OptionReader
  ) throws(Mistake) -> JobTrigger {
    let left = try trigger(parts[.integer(1)] ?? .nil, options: options)
    let right = try trigger(parts[.integer(2)] ?? .nil, options: options)
    guard case .time(let a) = left, case .time(let b) = right else {
      for case .custom in [left, right] {
        throw Mistake(
          "a trigger function cannot be combined with \(op): let it ask the other trigger, as in trigger(function(after) return cron(\"0 9 * * *\"):next(after) end)"
        )
      }
      throw Mistake("events cannot be combined with \(op): register a handler of its own with on")
    }
    do {
      switch op {
      case "|": return .time(try a | b)
      case "&": return .time(try a & b)
      default: return .time(try a - b)
      }
    } catch {
      throw Mistake(error.message)
    }
  }
}

extension [Value: Value] {
  subscript(name: String) -> Value? { self[.string(name)] }
}
