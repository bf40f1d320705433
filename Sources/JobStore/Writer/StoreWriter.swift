import DequeModule
import MoonwheelModel
import SystemCalls
import Triggers
import WorkerPool

/// The thread that commits to the store, in groups: the changes that come during one commit go into the next.
///
/// A change with a ticket is committed at once and is on the disk when `onStored` reports the ticket; other changes are
/// committed within ``batchDelay``. While the store fails, jobs go on: the writer refuses the tickets, keeps all
/// changes but the refused pending runs, up to a bound, and commits them when the store works again.
package final class StoreWriter: Sendable {
  /// How long a change without a ticket may wait for others to be committed with, in nanoseconds.
  static let batchDelay: Int64 = 80_000_000
  /// How long the writer retries the last commit when the host stops, in nanoseconds.
  private static let stopTimeout: Int64 = 2_000_000_000

  struct State: Sendable {
    var batch = WriteBatch()
    /// The latest time to commit the batch, on the monotonic clock.
    var dueAt = Int64.max
    fileprivate var queries: Deque<Query> = []
    var keys = KeyQueue()
    var keyHooks: KeyHooks?
    var isBusy = false
    var idleWaiters = 0
    var isStopping = false
  }

  fileprivate struct Query: Sendable {
    var body: @Sendable (any JobStore) -> Void
    var orElse: @Sendable () -> Void
  }

  private let store: any JobStore
  private let onStored: @Sendable ([UInt64], StoreError?) -> Void
  private let metrics: StoreMetrics
  private let onHealth: @Sendable (StoreHealth) -> Void
  let state = Condition(State())
  private let thread = Condition<OSThread?>(nil)

  /// The writer's thread calls `onStored` with the tickets of changes that are on the disk, or that the store has
  /// refused, and `onHealth` when the store begins to fail and when it works again.
  package init(
    store: any JobStore, metrics: StoreMetrics,
    onStored: @escaping @Sendable ([UInt64], StoreError?) -> Void,
    onHealth: @escaping @Sendable (StoreHealth) -> Void
  ) {
    self.store = store
    self.metrics = metrics
    self.onStored = onStored
    self.onHealth = onHealth
  }

  package func start() throws(SystemCallError) {
    let thread = try OSThread(name: "mw-writer") { [self] in
      var loop = WriterLoop(store: store)
      while let work = next(loop) { perform(work, &loop) }
      finish(&loop)
    }
    self.thread.withLock { $0 = thread }
  }

  /// Commits the remaining changes, and returns when the thread has ended.
  package func stop() {
    state.withLock { $0.isStopping = true }
    state.broadcast()
    thread.withLock { $0 }?.join()
  }

  /// Any thread may call this.
  package func append(_ writes: [StoreWrite]) {
    guard !writes.isEmpty else { return }
    let wakes = state.withLock { state in
      let wasUrgent = state.batch.isUrgent
      let wasEmpty = state.batch.isEmpty
      state.batch.append(writes)
      if wasEmpty { state.dueAt = Clocks.monotonic() + Self.batchDelay }
      return wasEmpty || state.batch.isUrgent && !wasUrgent
    }
    if wakes { state.broadcast() }
  }

  /// Calls `body` on the writer's thread after a commit of everything that was appended before, or `orElse` on some
  /// thread if the host stops before that. Any thread may call this.
  package func query(
    _ body: @escaping @Sendable (any JobStore) -> Void,
    orElse: @escaping @Sendable () -> Void = {}
  ) {
    let isLate = state.withLock { state in
      if !state.isStopping { state.queries.append(Query(body: body, orElse: orElse)) }
      return state.isStopping
    }
    if isLate { orElse() } else { state.broadcast() }
  }

  static let isStopping = StoreError(.closed, "the host stops")

  /// Commits at once, and blocks until nothing is left to do. For tests.
  package func waitUntilIdle() {
    state.withLock { $0.idleWaiters += 1 }
    state.broadcast()
    state.wait { $0.isBusy || !$0.batch.isEmpty || !$0.queries.isEmpty || !$0.keys.isEmpty }
    state.withLock { $0.idleWaiters -= 1 }
  }

  // MARK: The thread

  /// A query is done after the commit of its batch. Each has a batch of its own, so that nobody's change waits for more
  /// than one of them.
  private struct Work {
    var batch: WriteBatch
    var keys: [KeyQueue.Entry]
    var query: Query?
  }

  private func next(_ loop: borrowing WriterLoop) -> Work? {
    while true {
      let deadline = state.withLock { $0.dueAt }
      let retryAt = loop.retryAt
      let wakeUp: WakeUp? = state.wait(until: min(deadline, retryAt)) { state in
        guard state.isReady(retryAt: retryAt) else {
          return state.isStopping ? .stop : state.dueAt < deadline ? .earlierDeadline : nil
        }
        state.isBusy = true
        defer {
          state.batch = WriteBatch()
          state.dueAt = .max
        }
        // When the host stops, nobody waits for an answer any more.
        let query = state.isStopping ? nil : state.queries.popFirst()
        return .work(Work(batch: state.batch, keys: state.keys.next(), query: query))
      }
      switch wakeUp {
      case .work(let work): return work
      case .stop: return nil
      case .earlierDeadline, nil: continue
      }
    }
  }

  private enum WakeUp {
    case work(Work)
    case stop
    /// A change has come that is due before the deadline of this wait.
    case earlierDeadline
  }

  private func perform(_ work: Work, _ loop: inout WriterLoop) {
    let retries = loop.isFailing && Clocks.monotonic() >= loop.retryAt
    if !work.batch.isEmpty || retries { commit(work.batch, &loop) }
    perform(work.keys, &loop)
    work.query?.body(store)
    let now = Timestamp(nanoseconds: Clocks.wall())
    loop.prune(at: now) {
      state.withLock {
        $0.batch.isEmpty && $0.keys.isEmpty && $0.queries.isEmpty && !$0.isStopping
      }
    }
    state.withLock { $0.isBusy = false }
    state.broadcast()
  }

  /// Commits even an empty batch, which shows whether the store works.
  private func commit(_ batch: WriteBatch, _ loop: inout WriterLoop) {
    let startedAt = Clocks.monotonic()
    report(loop.commit(batch), since: startedAt, backlogCount: loop.backlogCount)
  }

  func report(_ result: CommitResult, since startedAt: Int64, backlogCount: Int) {
    metrics.record(
      result, duration: Clocks.monotonic() - startedAt, backlogCount: backlogCount)
    if let health = result.health { onHealth(health) }
    if !result.tickets.isEmpty {
      onStored(result.tickets, result.failure)
    }
  }

  private func finish(_ loop: inout WriterLoop) {
    let deadline = Clocks.monotonic() + Self.stopTimeout
    let (rest, queries, keys) = state.withLock { state in
      defer {
        state.batch = WriteBatch()
        state.queries = []
      }
      return (state.batch, state.queries, state.keys.removeAll())
    }
    for query in queries { query.orElse() }
    for entry in keys { entry.answer(.failure(Self.isStopping)) }
    // Even if there is nothing to commit: somebody may have removed the file since the last commit, and the next host
    // must find everything.
    commit(rest, &loop)
    while loop.isFailing, Clocks.monotonic() < deadline {
      _ = state.wait(until: min(loop.retryAt, deadline)) { (_: inout State) in Void?.none }
      commit(WriteBatch(), &loop)
    }
  }
}

extension StoreWriter.State {
  fileprivate func isReady(retryAt: Int64) -> Bool {
    if !(queries.isEmpty && keys.isEmpty) && !isStopping || batch.isUrgent { return true }
    let now = Clocks.monotonic()
    if now >= retryAt { return true }
    return !batch.isEmpty && (idleWaiters > 0 || now >= dueAt)
  }
}
