import Testing
import Triggers

@testable import SchedulerCore

/// How often the history of a job that runs very often is written.
@Suite struct BusyJobHistoryTests {
  @Test(arguments: [(0, 10), (1, 10), (299, 10), (600, 20), (1_800, 60), (100_000, 60)])
  func `many sums are stored less often`(count: Int, seconds: Int64) {
    let delay = HistoryBounds.summaryDelay(forSums: count)
    #expect((delay + second / 2) / second == seconds)
  }

  /// The burst of 60 records is used up after 7 s. Then there is one record a second.
  @Test func `the counts of a busy job are stored only with its sums`() throws {
    let harness = StoreHarness()
    let commit = try #require(harness.host.commit)
    defer { harness.host.commit = nil }  // breaks the cycle of references
    var sums: [Int64] = []
    var counts: [Int64] = []
    harness.host.commit = { writes in
      for write in writes {
        switch write.change {
        case .summary: sums.append(harness.host.now)
        case .counts: counts.append(harness.host.now)
        default: break
        }
      }
      return try commit(writes)
    }
    harness.host.install([.every("a", second / 10)])
    harness.host.handle(.loaded())
    harness.host.run(until: 45 * second)
    try #require(sums.count > 2)
    #expect(try harness.runs("a").count > 60 + 20)
    // The counts are also written with a record that comes before the next sum begins.
    #expect(counts.count { $0 > sums[0] } <= 2 * sums.count)
    #expect(Set(sums).isSubset(of: counts))
    harness.host.handle(.drain)
    #expect(try harness.job("a")?.runs == 450)
  }
}
