import MoonwheelModel
import Testing

@testable import SchedulerCore

/// How many attempts have ended in each way, as the core tells its driver.
@Suite struct RunCountTests {
  @Test func `each way of ending counts once, and what was not called does not`() {
    var counts = RunCounts()
    let failure = RunFailure(message: "no")
    #expect(counts.isEmpty)
    for outcome: Run.Outcome in [
      .succeeded(.nil), .cancelledJob, .failed(failure), .failed(failure), .timedOut(failure),
      .cancelled(failure), .dropped(failure), .evicted(failure), .abandoned(failure), .declined,
      .misfired(late: 1),
    ] {
      counts.count(outcome)
    }
    counts.countSuccess()
    let all = RunStatus.allCases.map { counts[$0] }
    #expect(all == [0, 3, 2, 1, 1, 1, 1, 1])
    var more = RunCounts()
    more.add(counts)
    more.add(counts)
    #expect(RunStatus.allCases.map { more[$0] } == all.map { $0 * 2 })
  }
}
