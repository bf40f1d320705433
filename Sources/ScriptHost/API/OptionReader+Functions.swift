import MoonwheelModel

/// The functions of a job besides its callback: most jobs have none.
final class JobFunctions: Sendable {
  let when: CallbackID?
  let hooks: [UInt8: CallbackID]
  /// Says when the job fires.
  let trigger: CallbackID?
  /// Those that no other job has.
  let owned: [CallbackID]

  init(
    when: CallbackID?, hooks: [UInt8: CallbackID], trigger: CallbackID?, owned: [CallbackID]
  ) {
    self.when = when
    self.hooks = hooks
    self.trigger = trigger
    self.owned = owned
  }
}

extension Hooks {
  /// Each with the option that sets it.
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

  /// Nil for a job that has none.
  func functions(with trigger: JobTrigger) throws(Mistake) -> JobFunctions? {
    let custom: CallbackID? = if case .custom(let callback) = trigger { callback } else { nil }
    let when = try function("when")
    var hooks: [UInt8: CallbackID] = [:]
    for (hook, option) in Hooks.options { hooks[hook.rawValue] = try function(option) }
    guard when != nil || !hooks.isEmpty || custom != nil else { return nil }
    let owned = (["when"] + Hooks.options.map(\.option)).compactMap { name -> CallbackID? in
      if case .callback(let callback) = options[name] { callback } else { nil }
    }
    return JobFunctions(
      when: when, hooks: hooks, trigger: custom, owned: owned + (custom.map { [$0] } ?? []))
  }

  private func function(_ name: String) throws(Mistake) -> CallbackID? {
    guard let value = self[name] else { return nil }
    guard case .callback(let callback) = value else {
      throw Mistake("option \"\(name)\" must be a function, not \(value.described)")
    }
    return callback
  }
}
