import Testing
import Triggers

@testable import MoonwheelCore

@Suite struct WindowTests {
  private func job(_ window: FireWindow) -> TestJob {
    var job = TestJob.every("a", 10 * second)
    job.policy.window = window
    return job
  }

  private func at(_ elapsed: Int64) -> Timestamp { CoreHarness.epoch.advanced(by: elapsed) }

  @Test func `fires begin at the first instant and end with the last`() {
    let harness = CoreHarness()
    harness.install([job(FireWindow(from: at(25 * second), till: at(60 * second)))])
    harness.run(until: hour)
    #expect(harness.starts.map(\.due) == [25, 35, 45, 55].map { $0 * second })
    #expect(harness.status("a")?.state == .finished)
  }

  @Test func `a job ends after its number of fires, across a reload`() {
    let harness = CoreHarness()
    harness.install([job(FireWindow(times: 3))])
    harness.run(until: 25 * second)
    harness.install([job(FireWindow(times: 3))])
    harness.run(until: hour)
    #expect(harness.starts.count == 3)
  }

  @Test func `the last instant can count from the first registration`() {
    let harness = CoreHarness()
    harness.install([job(FireWindow(tillAfter: 30 * second))])
    harness.run(until: 15 * second)
    harness.install([job(FireWindow(tillAfter: 30 * second))])
    harness.run(until: hour)
    #expect(harness.starts.map(\.due) == [10, 20, 30].map { $0 * second })
  }

  @Test func `jitter delays each fire by its own share and moves no instant`() {
    let harness = CoreHarness()
    harness.install([job(FireWindow(jitter: 5 * second, seed: 7))])
    harness.run(until: 101 * second + 5 * second)
    #expect(harness.starts.map(\.due) == (1...10).map { Int64($0) * 10 * second })
    let delays = harness.starts.map { $0.at - $0.due }
    #expect(delays.allSatisfy { (0...5 * second + 100_000).contains($0) })
    #expect(Set(delays).count > 5)
  }
}
