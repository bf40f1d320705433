import Layers
import MetricsTestKit
import Moonwheel
import MoonwheelTesting
import Synchronization
import Testing

/// The metrics of a store that fails and recovers.
@Suite struct StoreMetricsTests {
  private static let script = """
    local j = job('j', { run = function() end })
    on('promise', { name = 'promise' }, function() emit('promised', j:trigger() ~= nil) end)
    """

  @Test(.timeLimit(.minutes(1)))
  func `a gauge shows that the store is degraded, and that it has recovered`() async throws {
    let metrics = TestMetrics()
    let store = FailingStore()
    var configuration = Configuration()
    configuration.texts = [(name: "a.lua", source: Self.script)]
    let scheduler = try Scheduler(
      configuration, store: store, logger: LogRecorder().logger, metrics: metrics)
    let degraded = try metrics.expectGauge("moonwheel_store_degraded")
    #expect(degraded.lastValue == 0)
    let told = try EventRecorder("scheduler.* | promised", of: scheduler)
    try scheduler.start()
    scheduler.waitUntilLoaded()
    store.fails.store(true, ordering: .relaxed)
    // The handler receives events only a moment after the load.
    let isDegraded = try (1...100).contains { _ in
      try scheduler.emit("promise")
      return told.wait(seconds: 0.1) { $0.contains { $0.name == "scheduler.degraded" } }
    }
    #expect(isDegraded && degraded.lastValue == 1)
    store.fails.store(false, ordering: .relaxed)
    #expect(told.wait { $0.contains { $0.name == "scheduler.recovered" } })
    #expect(degraded.lastValue == 0)
    #expect(try metrics.expectGauge("moonwheel_store_backlog").lastValue == 0)
    #expect(try metrics.expectTimer("moonwheel_store_commit").values.contains { $0 > 0 })
    await scheduler.stop()
  }

  @Test func `a store in memory has no metrics`() async throws {
    let metrics = TestMetrics()
    let scheduler = try Scheduler(Configuration(), metrics: metrics)
    #expect(metrics.recorders.isEmpty && metrics.counters.isEmpty && metrics.timers.isEmpty)
    try scheduler.start()
    await scheduler.stop()
  }
}

/// A store that says that it is durable, and that fails on demand with a full disk.
private final class FailingStore: JobStore {
  let fails = Atomic(false)
  private let rows = MemoryJobStore()

  var isDurable: Bool { true }

  func commit(_ changes: [StoreChange], isDurable: Bool) throws(StoreError) {
    if fails.load(ordering: .relaxed) { throw StoreError(.full, "the disk is full") }
    try rows.commit(changes, isDurable: isDurable)
  }

  func perform(_ batch: KeyBatch) throws(StoreError) -> KeyOutcome {
    if fails.load(ordering: .relaxed) { throw StoreError(.full, "the disk is full") }
    return try rows.perform(batch)
  }

  func load() -> StoredState { rows.load() }
  func runs(_ query: RunQuery) throws(StoreError) -> [RunRecord] { try rows.runs(query) }
  func summaries(_ query: RunQuery) throws(StoreError) -> [RunSummary] { try rows.summaries(query) }
  func decisions(_ query: RunQuery) throws(StoreError) -> [Decision] { try rows.decisions(query) }
  func jobs(script: String?, name: String?) throws(StoreError) -> [StoredJob] {
    try rows.jobs(script: script, name: name)
  }
  func pendingRuns(of job: StoreKey) throws(StoreError) -> [PendingRun] {
    try rows.pendingRuns(of: job)
  }
  func sources(of script: String) throws(StoreError) -> StoredSources? {
    try rows.sources(of: script)
  }
  func generations(of script: String) throws(StoreError) -> [StoredGeneration] {
    try rows.generations(of: script)
  }
  func sources(of script: String, _ version: SourceVersion) throws(StoreError) -> StoredSources? {
    try rows.sources(of: script, version)
  }
  func prune(at now: Timestamp) throws(StoreError) -> Bool { try rows.prune(at: now) }
  func close() { rows.close() }
}
