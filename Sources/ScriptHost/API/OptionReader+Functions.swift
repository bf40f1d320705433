import MoonwheelModel

/// The functions of a job other than its callback. Most jobs have none.
final class JobFunctions: Sendable {
  let when: CallbackID?
  let hooks: [UInt8: CallbackID]
  /// The trigger function.
  let trigger: CallbackID?
  /// The functions that no other job shares, freed with the job. Functions from `defaults` are shared.
  let ownCallbacks: [CallbackID]

  init(
    when: CallbackID?, hooks: [UInt8: CallbackID], trigger: CallbackID?, ownCallbacks: [CallbackID]
  ) {
    self.when = when
    self.hooks = hooks
    self.trigger = trigger
    self.ownCallbacks = ownCallbacks
  }
}

extension Hooks {
  /// Each hook with its option.
  static let options: [(hook: Hooks, option: String)] = [
    (.success, "on_success"), (.failure, "on_failure"), (.retry, "on_retry"),
    (.missed, "on_missed"),
  ]

  var option: String { Self.options.first { $0.hook == self }?.option ?? "" }
}

extension OptionReader {
  func hooks() throws(Mistake) -> Hooks {
    var hooks: Hooks = []
    for (hook, option) in Hooks.options where try function(option) != nil { hooks.insert(hook) }
    return hooks
  }

  /// Nil for a job without such functions.
  func functions(with trigger: JobTrigger) throws(Mistake) -> JobFunctions? {
    let custom: CallbackID? = if case .custom(let callback) = trigger { callback } else { nil }
    let when = try function("when")
    var hooks: [UInt8: CallbackID] = [:]
    for (hook, option) in Hooks.options { hooks[hook.rawValue] = try function(option) }
    guard when != nil || !hooks.isEmpty || custom != nil else { return nil }
    let ownCallbacks = (["when"] + Hooks.options.map(\.option)).compactMap { options[$0]?.callback }
    return JobFunctions(
      when: when, hooks: hooks, trigger: custom,
      ownCallbacks: ownCallbacks + (custom.map { [$0] } ?? []))
  }

  private func function(_ name: String) throws(Mistake) -> CallbackID? {
    try read(name, as: "a function", \.callback)
  }
}
