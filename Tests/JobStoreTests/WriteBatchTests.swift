import MoonwheelModel
import Testing
import Triggers

@testable import JobStore

/// What waits for a store that is slower than what comes.
struct WriteBatchTests {
  private static func record(_ number: Int, _ status: RunStatus) -> RunRecord {
    let at = Timestamp(nanoseconds: Int64(number))
    return RunRecord(
      run: Run.ID(rawValue: UInt64(number)), job: StoreKey(rawValue: 1), number: 1, status: status,
      scheduledAt: at, startedAt: at, endedAt: status == .running ? nil : at)
  }

  private static func failure(_ number: Int) -> [StoreWrite] {
    [
      StoreWrite(.began(record(number, .running))), StoreWrite(.ended(record(number, .failed))),
    ]
  }

  private static func ended(_ batch: WriteBatch) -> [UInt64] {
    batch.condensed.compactMap { change in
      if case .ended(let record) = change { record.run.rawValue } else { nil }
    }
  }

  @Test func `the history that waits is bounded, and its oldest entries go first`() {
    var batch = WriteBatch()
    let runs = WriteBatch.recordLimit * 3
    for number in 1...runs { batch.append(Self.failure(number)) }
    let kept = Self.ended(batch)
    #expect(kept.count <= WriteBatch.recordLimit / 2)
    #expect(batch.dropped == 2 * (runs - kept.count))
    #expect(kept == Array(UInt64(runs - kept.count + 1)...UInt64(runs)))
  }

  @Test func `the end of a run that the store knows to have begun is kept`() {
    var batch = WriteBatch()
    batch.append([StoreWrite(.ended(Self.record(1, .failed)))])
    for number in 2...WriteBatch.recordLimit { batch.append(Self.failure(number)) }
    #expect(batch.dropped > 0)
    #expect(Self.ended(batch).first == 1)
  }

  @Test func `what promises something, or is waited for, is kept`() {
    var batch = WriteBatch()
    let seed = StoreChange.seed(7)
    batch.append([StoreWrite(seed), StoreWrite(.began(Self.record(1, .running)), ticket: 5)])
    batch.append([StoreWrite(.ended(Self.record(1, .succeeded)), ticket: 6)])
    for number in 2...WriteBatch.recordLimit { batch.append(Self.failure(number)) }
    #expect(batch.dropped > 0)
    #expect(batch.tickets == [5, 6])
    #expect(Self.ended(batch).first == 1)
    #expect(batch.condensed.contains { if case .seed = $0 { true } else { false } })
  }

  @Test func `what belongs together stays whole, and replaces what came before`() {
    var batch = WriteBatch()
    let key = StoreKey(rawValue: 1)
    let pending = PendingRun(
      run: Run.ID(rawValue: 1), job: key, kind: .promise,
      scheduledAt: Timestamp(nanoseconds: 1), dueAt: Timestamp(nanoseconds: 1))
    let counts = StoreChange.counts(key, runs: 1, fires: 1, lastStarted: nil, due: nil)
    let whole = StoreChange.together([
      counts, .ended(Self.record(1, .succeeded)), .pendingRunEnded(pending.run),
    ])
    batch.append([
      StoreWrite(.began(Self.record(1, .running))), StoreWrite(.pendingRun(pending)),
      StoreWrite(counts), StoreWrite(whole), StoreWrite(counts),
    ])
    #expect(batch.condensed == [whole, counts])
  }

  @Test func `what belongs together is refused as a whole, and outlives the bound of a backlog`() {
    var batch = WriteBatch()
    let key = StoreKey(rawValue: 1)
    let pending = PendingRun(
      run: Run.ID(rawValue: 1), job: key, kind: .promise,
      scheduledAt: Timestamp(nanoseconds: 1), dueAt: Timestamp(nanoseconds: 1))
    let whole = StoreChange.together([.state(key, 1), .pendingRun(pending)])
    batch.append([StoreWrite(whole, ticket: 3), StoreWrite(.seed(1)), StoreWrite(whole)])
    #expect(batch.withoutRefused == [.seed(1), whole])
    for number in 2...WriteBatch.recordLimit { batch.append(Self.failure(number)) }
    #expect(batch.dropped > 0 && batch.condensed.filter { $0 == whole }.count == 2)
  }
}
