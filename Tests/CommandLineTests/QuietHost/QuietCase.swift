import Testing

/// A job that is alone on its host, and the effects that must follow the end of its runs.
struct QuietCase: Sendable, Hashable {
  enum Trigger: String, CaseIterable { case every, cron, at, after, event, promise }
  enum Result: String, CaseIterable { case nothing, value, error, timeout, cancel }
  enum Hook: String, CaseIterable { case none, success, failure, retry }
  enum Wait: String, CaseIterable { case none, sleep, event }
  enum Overlap: String, CaseIterable { case skip, queue, replace, allow }
  enum Option: String, CaseIterable {
    case state, retry
    /// Each run has a Lua state of its own.
    case privateIsolate
  }

  var trigger: Trigger
  var result: Result
  var hook: Hook
  var wait: Wait
  var overlap: Overlap
  /// How often it fires; 0 means without end.
  var times: Int
  var options: Set<Option>

  init(
    _ trigger: Trigger, _ result: Result, hook: Hook = .none, wait: Wait = .none,
    overlap: Overlap = .skip, times: Int = 0, _ options: Set<Option> = []
  ) {
    self.trigger = trigger
    self.result = result
    self.hook = hook
    self.wait = wait
    self.overlap = overlap
    self.times = times
    self.options = options
  }

  // MARK: The script

  var script: String {
    let waiting =
      switch wait {
      case .none: ""
      case .sleep: "sleep('100ms')"
      case .event: "wait('nothing.comes', '100ms')"
      }
    let counting = options.contains(.state) ? "run.state.n = run.state.n + 1" : ""
    return """
      local function body(run)
        print("begin " .. run.attempt)
        \(waiting) \(counting)
        \(ending)
      end
      \(registration)
      """
  }

  /// The end of the callback: it prints a line, and then does nothing else before it ends.
  private var ending: String {
    let printing = "print('end ' .. run.attempt)"
    return switch result {
    case .nothing: printing
    case .value: "\(printing) return 7"
    case .error: "\(printing) error('it fails')"
    case .cancel: "\(printing) return cancel"
    case .timeout:
      "local _ <close> = setmetatable({}, { __close = function() \(printing) end }) sleep('1h')"
    }
  }

  private var registration: String {
    let named = "{ name = 'j'\(fields) }"
    return switch trigger {
    case .every: "every('2s', \(named), body)"
    case .cron: "cron('*/2 * * * * *', \(named), body)"
    case .at: "at(now() + 2, \(named), body)"
    case .after: "after('2s', \(named), body)"
    case .event:
      """
      on('go', \(named), function(event, run) return body(run) end)
      after('2s', { name = 'kick' }, function() emit('go') end)
      """
    case .promise:
      """
      local j = job('j', { run = body\(fields) })
      after('2s', { name = 'kick' }, function() j:trigger() end)
      """
    }
  }

  private var fields: String {
    var fields = ", overlap = '\(overlap.rawValue)'"
    if hook != .none { fields += ", on_\(hook.rawValue) = function() print('hook') end" }
    if times > 0 { fields += ", times = \(times)" }
    if result == .timeout { fields += ", timeout = '200ms'" }
    if options.contains(.state) { fields += ", state = { n = 0 }" }
    if options.contains(.retry) { fields += ", retry = { max = 1, from = '100ms', jitter = 0 }" }
    if options.contains(.privateIsolate) { fields += ", isolate = 'run'" }
    return fields
  }

  // MARK: Expected effects

  private var fails: Bool { result == .error || result == .timeout }
  private var attempts: Int { fails && options.contains(.retry) ? 2 : 1 }

  /// How many attempts end before the host does.
  var ends: Int {
    let isPeriodic = trigger == .every || trigger == .cron
    let fires = isPeriodic && result != .cancel && times != 1 ? 2 : 1
    return fires * attempts
  }

  /// The effects of the end of an attempt: the log line of each, and the seconds until it.
  func effects(ofAttempt attempt: Int) -> [(line: QuietLog.Line.Mark, after: Double)] {
    var effects: [(line: QuietLog.Line.Mark, after: Double)] = []
    if !fails { effects.append((.event("run.succeeded"), 0)) }
    if result == .cancel { effects.append((.event("job.finished"), 0)) }
    let isLast = attempt == attempts
    let callsHook =
      switch hook {
      case .none: false
      case .success: !fails
      case .failure: fails && isLast
      case .retry: fails && !isLast
      }
    if callsHook { effects.append((.printed("hook"), 0)) }
    if !isLast { effects.append((.printed("begin \(attempt + 1)"), 0.1)) }
    return effects
  }

  // MARK: Pairs

  /// A value of one dimension in which cases differ.
  struct Value: Hashable, CustomStringConvertible {
    var name: String
    var value: String
    var description: String { "\(name) = \(value)" }
  }

  var values: [Value] {
    [
      Value(name: "trigger", value: trigger.rawValue),
      Value(name: "result", value: result.rawValue),
      Value(name: "hook", value: hook.rawValue), Value(name: "wait", value: wait.rawValue),
      Value(name: "overlap", value: overlap.rawValue), Value(name: "times", value: "\(times)"),
    ] + Option.allCases.map { Value(name: $0.rawValue, value: "\(options.contains($0))") }
  }

  /// The dimensions in which cases differ, with their values.
  static let dimensions: [[Value]] =
    [
      Trigger.allCases.map { Value(name: "trigger", value: $0.rawValue) },
      Result.allCases.map { Value(name: "result", value: $0.rawValue) },
      Hook.allCases.map { Value(name: "hook", value: $0.rawValue) },
      Wait.allCases.map { Value(name: "wait", value: $0.rawValue) },
      Overlap.allCases.map { Value(name: "overlap", value: $0.rawValue) },
      [0, 1, 2].map { Value(name: "times", value: "\($0)") },
    ]
    + Option.allCases.map { option in
      [true, false].map { Value(name: option.rawValue, value: "\($0)") }
    }

  /// Whether a case can have both values. A trigger that fires once has no `times`, and a run that only its timeout
  /// ends has no other wait.
  static func canMeet(_ a: Value, _ b: Value) -> Bool {
    let pair = [a.name: a.value, b.name: b.value]
    if let times = pair["times"], times != "0", let trigger = pair["trigger"] {
      return trigger == "every" || trigger == "cron"
    }
    if pair["result"] == "timeout", let wait = pair["wait"] { return wait == "none" }
    return true
  }
}

extension QuietCase: CustomTestStringConvertible {
  var testDescription: String {
    let usual = ["none", "skip", "0", "false"]
    return values.filter { !usual.contains($0.value) }.map(\.description).joined(separator: ", ")
  }
}
