import JobStore
import JobStoreConformance
import MoonwheelModel
import Testing
import Triggers

struct MemoryJobStoreTests {
  @Test(arguments: ConformanceCase.all)
  func `the store in memory conforms`(_ conformance: ConformanceCase) throws {
    let store = MemoryJobStore()
    try conformance.check(on: StoreFactory { store })
  }

  @Test(arguments: [UInt64(1), UInt64.random(in: 2..<1_000_000_000)])
  func `the store in memory agrees with a naive model`(seed: UInt64) throws {
    let store = MemoryJobStore()
    try ConformanceCase.agreement(seed: seed) { NaiveStore() }.check(on: StoreFactory { store })
  }

  @Test(arguments: [UInt64(1), UInt64.random(in: 2..<1_000_000_000)])
  func `its keys agree with a naive model`(seed: UInt64) throws {
    let store = MemoryJobStore()
    try KeyCases.agreement(seed: seed) { NaiveStore() }.check(on: StoreFactory { store })
  }

  @Test func `beyond the limit over all jobs, the oldest rows are evicted`() throws {
    let store = MemoryJobStore(historyLimit: 30)
    _ = store.load()
    for job in 1...50 as ClosedRange<Int64> { try store.commit([Self.job(job)], isDurable: false) }
    for number in 1...100 as ClosedRange<Int64> {
      let job = number % 50 + 1
      try store.commit(
        [Self.run(number, of: job), Self.summary(number, of: job), Self.decision(number, of: job)],
        isDurable: false)
    }
    while try store.prune(at: .distantFuture) {}
    let newest = Array((91...100 as ClosedRange<Int64>).reversed())
    #expect(try store.runs(RunQuery()).map { Int64($0.run.rawValue) } == newest)
    #expect(try store.summaries(RunQuery()).map { $0.from.nanoseconds } == newest)
    #expect(try store.decisions(RunQuery()).map { $0.id.rawValue } == newest)
  }

  @Test func `rows that were replaced or forgotten do not count against the limit`() throws {
    let store = MemoryJobStore(historyLimit: 10)
    _ = store.load()
    try store.commit([Self.job(1), Self.job(2), Self.run(1, of: 1)], isDurable: false)
    for number in 2...5_000 as ClosedRange<Int64> {
      try store.commit(
        [Self.summary(7, of: 1), Self.decision(8, of: 1), Self.run(number, of: 2)], isDurable: false
      )
      try store.commit([.forget(StoreKey(rawValue: 2)), Self.job(2)], isDurable: false)
      while try store.prune(at: .distantFuture) {}
    }
    #expect(try store.runs(RunQuery()).map { $0.run.rawValue } == [1])
    #expect(try store.summaries(RunQuery()).count == 1)
    #expect(try store.decisions(RunQuery()).count == 1)
  }

  @Test func `large results evict older rows`() throws {
    let store = MemoryJobStore(historyBytes: 1 << 20)
    _ = store.load()
    try store.commit([Self.job(1), Self.job(2), Self.run(1, of: 1)], isDurable: false)
    for number in 2...100 as ClosedRange<Int64> {
      guard case .ended(var record) = Self.run(number, of: 2) else { return }
      record.result = .string(String(repeating: "x", count: 100_000))
      try store.commit([.ended(record)], isDurable: false)
      #expect(try store.runs(RunQuery()).count <= 11)
    }
    let newest = Array((91...100 as ClosedRange<UInt64>).reversed())
    #expect(try store.runs(RunQuery()).map { $0.run.rawValue } == newest)
    var query = RunQuery()
    query.bytes = 350_000
    #expect(try store.runs(query).map { $0.run.rawValue } == [100, 99, 98])
    query.bytes = 1
    #expect(try store.runs(query).map { $0.run.rawValue } == [100])
  }

  private static func job(_ key: Int64) -> StoreChange {
    .job(
      StoredJob(
        key: StoreKey(rawValue: key), script: "a.lua", name: "job \(key)", trigger: "on demand",
        anchor: Timestamp(nanoseconds: 0), registered: Timestamp(nanoseconds: 0)))
  }

  private static func run(_ number: Int64, of job: Int64) -> StoreChange {
    let at = Timestamp(nanoseconds: number)
    return .ended(
      RunRecord(
        run: Run.ID(rawValue: UInt64(number)), job: StoreKey(rawValue: job), number: 1,
        status: .succeeded, scheduledAt: at, startedAt: at, endedAt: at))
  }

  private static func summary(_ number: Int64, of job: Int64) -> StoreChange {
    let at = Timestamp(nanoseconds: number)
    return .summary(
      RunSummary(
        job: StoreKey(rawValue: job), from: at, through: at, count: 1, totalDuration: 1,
        longestDuration: 1, totalLateness: 1, longestLateness: 1, processorTime: 1))
  }

  private static func decision(_ number: Int64, of job: Int64) -> StoreChange {
    let at = Timestamp(nanoseconds: number)
    return .decision(
      Decision(
        id: Decision.ID(rawValue: number), job: StoreKey(rawValue: job), kind: .skipped, from: at,
        through: at, count: 1, decidedAt: at, reason: "test", run: nil))
  }
}
