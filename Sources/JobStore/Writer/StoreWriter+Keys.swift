import MoonwheelModel
import SystemCalls

/// Commands on keys.
extension StoreWriter {
  /// Sets what commands on keys need. Call it before the first of them.
  package func setKeyHooks(_ hooks: KeyHooks) { state.withLock { $0.keyHooks = hooks } }

  /// Does a command on keys after everything that was appended before, together with other commands, and calls `answer`
  /// on the writer's thread when it is on the disk. While the store fails, and when the host stops, it is refused; the
  /// answer then may come on the calling thread. Any thread may call this.
  package func perform(
    _ item: KeyBatch.Item,
    answer: @escaping @Sendable (Result<KeyAnswer, StoreError>) -> Void
  ) {
    let (isLate, wakes) = state.withLock { state in
      let wakes = state.keys.isEmpty
      if !state.isStopping { state.keys.append(KeyQueue.Entry(item: item, answer: answer)) }
      return (state.isStopping, wakes)
    }
    if isLate { answer(.failure(Self.isStopping)) } else if wakes { state.broadcast() }
  }

  /// How many commands on keys there were so far. For tests.
  package var keyCommandCount: UInt64 { state.withLock { $0.keys.count } }

  /// Puts back what a batch has left undone, to be done next.
  private func putBack(_ rest: ArraySlice<KeyQueue.Entry>) {
    guard !rest.isEmpty else { return }
    state.withLock { $0.keys.putBack(rest) }
  }

  /// Does commands, on the writer's thread, and answers them.
  func perform(_ entries: [KeyQueue.Entry], _ loop: inout WriterLoop) {
    guard !entries.isEmpty else { return }
    guard let hooks = state.withLock({ $0.keyHooks }) else {
      preconditionFailure("nobody has set what keys need")
    }
    let startedAt = Clocks.monotonic()
    let batch = KeyBatch(entries.map(\.item), at: hooks.now(), limits: hooks.limits)
    let (outcome, result) = loop.perform(batch)
    if let result { report(result, since: startedAt, backlogCount: loop.backlogCount) }
    switch outcome {
    case .success(let outcome):
      hooks.onOutcome(outcome)
      for (entry, answer) in zip(entries, outcome.answers) { entry.answer(.success(answer)) }
      putBack(entries[outcome.answers.count...])
    case .failure(let error):
      for entry in entries { entry.answer(.failure(error)) }
    }
  }
}
