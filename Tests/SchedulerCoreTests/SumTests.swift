import Testing
import Triggers

@testable import SchedulerCore

/// How often the store is told of what is summed up.
@Suite struct SumTests {
  @Test(arguments: [(0, 10), (1, 10), (299, 10), (600, 20), (1_800, 60), (100_000, 60)])
  func `many sums are stored less often`(count: Int, seconds: Int64) {
    let growth = SchedulerCore.growth(ofSums: count)
    #expect((growth + second / 2) / second == seconds)
  }

  /// The 60 records in advance are spent after 7 s; then there is one a second.
  @Test func `the counts of a busy job are stored with its sums alone`() throws {
    let harness = StoreHarness()
    let commit = try #require(harness.host.commit)
    defer { harness.host.commit = nil }  // which holds the harness
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
    harness.host.handle(.loaded)
    harness.host.run(until: 45 * second)
    try #require(sums.count > 2)
    #expect(try harness.runs("a").count > 60 + 20)
    // A record that comes before the next sum has begun is stored with the counts.
    #expect(counts.count { $0 > sums[0] } <= 2 * sums.count)
    #expect(Set(sums).isSubset(of: counts))
    harness.host.handle(.drain)
    #expect(try harness.job("a")?.runs == 450)
  }
}
