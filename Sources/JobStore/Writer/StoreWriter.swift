import MoonwheelModel
import SystemCalls
import Triggers
import WorkerPool

/// The thread that commits to a durable store, in groups: what has come while a commit was under way goes into the next.
///
/// What somebody waits for is committed at once, and is on the disk when they hear of it; the rest within
/// ``laziness``. While the store fails, jobs go on: what cannot be made durable is refused to those who wait for it, the
/// rest is kept, up to a bound, and committed when the store works again.
package final class StoreWriter: Sendable {
  /// How a store fares.
  package enum Health: Sendable {
    case degraded(StoreError)
    /// With how many changes that were dropped meanwhile.
    case recovered(dropped: Int)
  }

  /// How long history may wait for company, in nanoseconds.
  static let laziness: Int64 = 80_000_000
  /// How many changes are kept while the store fails.
  static let keptChanges = 100_000
  /// How long the last commit is tried when the host stops, in nanoseconds.
  private static let patience: Int64 = 2_000_000_000

  fileprivate struct State: Sendable {
    var batch = WriteBatch()
    /// When the batch is to be committed at the latest, on the monotonic clock.
    var dueAt = Int64.max
    var queries: [@Sendable (any JobStore) -> Void] = []
    var isBusy = false
    var observers = 0
    var isStopping = false
  }

  private let store: any JobStore
  private let onStored: @Sendable ([UInt64], StoreError?) -> Void
  private let metrics: StoreMetrics
  private let onHealth: @Sendable (Health) -> Void
  private let state = Condition(State())
  private let thread = Condition<OSThread?>(nil)

  /// The writer's thread calls `onStored` with the tickets of changes that are safe, or that the store has refused, and
  /// `onHealth` when the store begins to fail and when it works again.
  package init(
    store: any JobStore, metrics: StoreMetrics,
    onStored: @escaping @Sendable ([UInt64], StoreError?) -> Void,
    onHealth: @escaping @Sendable (Health) -> Void
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

  /// Commits what is left, and returns when the thread has ended.
  package func stop() {
    state.withLock { $0.isStopping = true }
    state.broadcast()
    thread.withLock { $0 }?.join()
  }

  /// From the timekeeper.
  package func append(_ writes: [StoreWrite]) {
    guard !writes.isEmpty else { return }
    let wakes = state.withLock { state in
      let wasUrgent = state.batch.isUrgent
      let wasEmpty = state.batch.isEmpty
      state.batch.append(contentsOf: writes)
      if wasEmpty { state.dueAt = Clocks.monotonic() + Self.laziness }
      return wasEmpty || state.batch.isUrgent && !wasUrgent
    }
    if wakes { state.broadcast() }
  }

  /// Reads the store, after everything that was appended before. From any thread; `body` is called on the writer's.
  package func query(_ body: @escaping @Sendable (any JobStore) -> Void) {
    state.withLock { $0.queries.append(body) }
    state.broadcast()
  }

  /// Commits what waits, and blocks until nothing does; for tests.
  package func waitUntilIdle() {
    state.withLock { $0.observers += 1 }
    state.broadcast()
    state.wait { $0.isBusy || !$0.batch.isEmpty || !$0.queries.isEmpty }
    state.withLock { $0.observers -= 1 }
  }

  // MARK: The thread

  private struct Work {
    var batch: WriteBatch
    var queries: [@Sendable (any JobStore) -> Void]
  }

  private func next(_ loop: borrowing WriterLoop) -> Work? {
    while true {
      let deadline = state.withLock { $0.dueAt }
      let retryAt = loop.retryAt
      let wake: Wake? = state.wait(until: min(deadline, retryAt)) { state in
        guard state.isReady(retryAt: retryAt) else {
          return state.isStopping ? .stop : state.dueAt < deadline ? .sooner : nil
        }
        state.isBusy = true
        defer {
          state.batch = WriteBatch()
          state.queries = []
          state.dueAt = .max
        }
        return .work(Work(batch: state.batch, queries: state.queries))
      }
      switch wake {
      case .work(let work): return work
      case .stop: return nil
      case .sooner, nil: continue
      }
    }
  }

  private enum Wake {
    case work(Work)
    case stop
    /// Something has come that is due before what was waited for.
    case sooner
  }

  private func perform(_ work: Work, _ loop: inout WriterLoop) {
    commit(work.batch, &loop)
    for query in work.queries { query(store) }
    let now = Timestamp(nanoseconds: Clocks.wall())
    loop.prune(at: now) {
      state.withLock { $0.batch.isEmpty && $0.queries.isEmpty && !$0.isStopping }
    }
    state.withLock { $0.isBusy = false }
    state.broadcast()
  }

  private func commit(_ batch: WriteBatch, _ loop: inout WriterLoop) {
    guard !batch.isEmpty || loop.isFailing else { return }
    commitAnything(batch, &loop)
  }

  /// Without changes, to see whether the store works.
  private func commitAnything(_ batch: WriteBatch, _ loop: inout WriterLoop) {
    let begun = Clocks.monotonic()
    let result = loop.commit(batch)
    metrics.tried(for: Clocks.monotonic() - begun, result, waiting: loop.backlogCount)
    if let health = result.health { onHealth(health) }
    if !result.tickets.isEmpty {
      onStored(result.tickets, result.failure)
    }
  }

  private func finish(_ loop: inout WriterLoop) {
    let deadline = Clocks.monotonic() + Self.patience
    let rest = state.withLock { state in
      defer { state.batch = WriteBatch() }
      return state.batch
    }
    // Whoever starts next is to find all of it, though somebody may have taken the file away while nothing was committed.
    commitAnything(rest, &loop)
    while loop.isFailing, Clocks.monotonic() < deadline {
      _ = state.wait(until: min(loop.retryAt, deadline)) { (_: inout State) in Void?.none }
      commit(WriteBatch(), &loop)
    }
  }
}

extension StoreWriter.State {
  fileprivate func isReady(retryAt: Int64) -> Bool {
    if !queries.isEmpty || batch.isUrgent { return true }
    let now = Clocks.monotonic()
    if now >= retryAt { return true }
    return !batch.isEmpty && (observers > 0 || now >= dueAt)
  }
}
