import JobStore
import MoonwheelModel
import Triggers
import WorkerPool

/// The keys and values that scripts share: commands go to the store's writer, changes to who handles them, and what has
/// expired is removed.
extension ScriptEnvironment {
  /// Does a command, and calls `answer` when it is on the disk. In a simulation that is at once.
  func perform(
    _ command: KeyCommand, script: String = "", depth: UInt8 = 0,
    answer: @escaping @Sendable (Result<KeyAnswer, StoreError>) -> Void
  ) {
    let item = KeyBatch.Item(command, script: script, depth: depth)
    if let writer { return writer.perform(item, answer: answer) }
    do throws(StoreError) {
      let outcome = try store.perform(KeyBatch([item], at: clock.read().wall))
      take(outcome)
      answer(outcome.answers.first.map { .success($0) } ?? .failure(StoreError(.io, "no answer")))
    } catch {
      answer(.failure(error))
    }
  }

  /// Call it once, when the environment is complete.
  func serveKeys() {
    writer?.setKeyHooks(
      KeyHooks(
        now: { [clock] in clock.read().wall }, onOutcome: { [weak self] in self?.take($0) }))
  }

  private func take(_ outcome: KeyOutcome) {
    for change in outcome.changes { tell(change) }
    if outcome.hasMoreToSweep {
      sweepKeys()
    } else if let next = outcome.nextExpiry, storage.expiry.isEarlier(next) {
      let now = clock.read()
      inbox.post(
        .sweepAt(now.elapsed.saturatingSum(max(0, now.wall.distance(to: next)))) { [weak self] in
          self?.sweepKeys()
        })
    }
  }

  /// Removes what has expired, and finds when the next key does. Call it when the scripts have loaded, so that their
  /// handlers hear of what has expired while no host ran, and when somebody has set the wall clock.
  package func sweepKeys() {
    storage.expiry.forget()
    perform(.sweep) { [weak self] result in
      guard let self, case .failure(let error) = result, error.code != .closed else { return }
      inbox.post(.sweepAt(deadline(in: Self.sweepPause)) { [weak self] in self?.sweepKeys() })
    }
  }

  /// A script takes over what its former names had for themselves. Call it before the script can use its keys.
  package func takeOverKeys(of formers: [String], by name: String) {
    for former in formers { adoptKeys(of: former, by: name) }
  }

  private func adoptKeys(of former: String, by name: String) {
    perform(.adopt(from: former), script: name) { [weak self] result in
      guard let self else { return }
      switch result {
      case .success(.adopted(hasMore: true)): adoptKeys(of: former, by: name)
      case .success(.refused(let refusal)):
        log.repeatable(
          .warning, "keys of \(former) are not all taken over: \(refusal.message)",
          ["script": .string(name)])
      case .success: break
      case .failure(let error):
        guard error.code != .closed else { return }
        log.repeatable(
          .warning, "keys of \(former) are not taken over: \(error.description)",
          ["script": .string(name)])
      }
    }
  }

  /// How long the host waits before it tries to sweep again while the store fails, in nanoseconds.
  private static let sweepPause: Int64 = 5_000_000_000

  /// How many events about keys are under way. For tests.
  package var keyEventCount: Int { storage.watch.count }

  // MARK: Watches

  /// Publishes the change of a key to who handles it.
  private func tell(_ change: KeyChange) {
    guard Int(change.depth) < configuration.eventDepth else {
      log.repeatable(
        .warning,
        "\(change.name.event) is not published: the chain of events is too long (\(change.depth) events led here)",
        ["event": "scheduler.chain_too_long"])
      return
    }
    let handlers = bus.publishKey(
      change.name.event, mayHear: { mayHear($0, change.name) }, { event(change) })
    for handler in handlers { tell(change, handler) }
  }

  private func tell(_ change: KeyChange, _ handler: HandlerQueue) {
    let slot = KeyWatch.Slot(handler: handler.job, name: change.name)
    guard storage.watch.begin(slot, change) else { return }
    guard handler.reserve() else {
      bus.countRefused()
      _ = storage.watch.end(slot)
      return
    }
    let hold = KeyEventHold { [weak self] in self?.finish(slot) }
    bus.post(event(change, MemoryHold(hold)), to: [handler.job], isDeferred: false)
  }

  /// A handler has finished with an event. Any thread may come here, with locks, so what follows is left to the outbox.
  private func finish(_ slot: KeyWatch.Slot) {
    guard let next = storage.watch.end(slot) else { return }
    inbox.post(.call { [weak self] in self?.tellAgain(next, slot.handler) })
  }

  private func tellAgain(_ change: KeyChange, _ job: JobID) {
    let handler = bus.handlers(of: change.name.event, mayHear: { mayHear($0, change.name) })
      .first { $0.job == job }
    if let handler { tell(change, handler) }
  }

  private func event(_ change: KeyChange, _ hold: MemoryHold = .none) -> Event {
    Event(
      name: change.name.event, payload: change.payload, depth: change.depth.saturatingNext,
      hold: hold)
  }

  /// A key that a script has for itself concerns nobody else; of others hears who may read them.
  private func mayHear(_ script: ScriptID, _ name: KeyName) -> Bool {
    let hearer = self.name(of: script)
    return name.isOwn ? hearer == name.space : allows(hearer, .kv, name.key)
  }
}

extension UInt8 {
  fileprivate var saturatingNext: UInt8 { self == .max ? .max : self + 1 }
}

extension KeyChange {
  fileprivate var payload: Value {
    var fields: [Value: Value] = [
      "key": .string(name.key), "version": .integer(version), "deleted": .bool(isDeleted),
    ]
    if isExpired { fields["expired"] = true }
    if !script.isEmpty { fields["script"] = .string(script) }
    return .table(fields)
  }
}
