import JobStoreConformance
import TestSupport
import Testing
import Triggers

@testable import MoonwheelModel
@testable import SchedulerCore

@Suite struct CustomTriggerTests {
  /// A harness that answers each request at once. `next` maps the instant of the request, in nanoseconds since the
  /// start.
  private func harness(_ job: TestJob, _ next: @escaping (Int64) -> Int64?) -> CoreHarness {
    let harness = CoreHarness()
    harness.answerNextFire = { next($0).map { .success(Self.at($0)) } ?? .success(nil) }
    harness.install([job])
    return harness
  }

  private static func at(_ time: Int64) -> Timestamp { CoreHarness.epoch.advanced(by: time) }
  private static let primes: [Int64] = [2, 3, 5, 7, 11, 13]
  private static func nextPrime(after time: Int64) -> Int64? {
    primes.map { $0 * second }.first { $0 > time }
  }

  @Test func `a job fires when its function says, and ends when that returns nil`() {
    let harness = harness(.custom("a"), Self.nextPrime)
    harness.run(until: hour)
    #expect(harness.starts.map(\.due) == Self.primes.map { $0 * second })
    #expect(harness.starts.allSatisfy { $0.at == $0.due })
    #expect(harness.requests.map(\.after) == [0, 2, 3, 5, 7, 11, 13].map { Self.at($0 * second) })
    #expect(harness.reasons(.jobFinished) == ["a: it has no further fire"])
    #expect(harness.status("a")?.state == .finished)
  }

  @Test func `from, till, times and jitter hold, and the core sends no useless request`() {
    var job = TestJob.custom("a")
    job.policy.window = FireWindow(from: Self.at(3 * second), till: Self.at(12 * second))
    let bounded = harness(job, Self.nextPrime)
    bounded.run(until: hour)
    #expect(bounded.starts.map(\.due) == [3, 5, 7, 11].map { $0 * second })
    #expect(bounded.requests.first?.after == Self.at(3 * second - 1_000))
    #expect(bounded.reasons(.jobFinished) == ["a: its till has come"])
    job.policy.window = FireWindow(times: 2, jitter: second, seed: 7)
    let counted = harness(job, Self.nextPrime)
    counted.run(until: hour)
    #expect(counted.starts.map(\.due) == [2 * second, 3 * second])
    #expect(counted.starts.allSatisfy { $0.at > $0.due && $0.at <= $0.due + second + 100_000 })
    #expect(counted.requests.count == 2)
    #expect(counted.reasons(.jobFinished) == ["a: it has fired 2 times"])
  }

  @Test func `an error of the function ends the job as a failure`() {
    let harness = CoreHarness()
    harness.handle(.interest(.none, listensToRuns: false))
    harness.answerNextFire = { _ in .failure(RunFailure(message: "a.lua:3: boom")) }
    harness.install([.custom("a"), .every("b", 10 * second)])
    harness.run(until: 15 * second)
    #expect(harness.starts.map(\.job) == ["b"])
    let end = harness.events.map(\.event)
    #expect(end.map(\.kind) == [.jobFinished] && end[0].reason == "a.lua:3: boom")
    #expect(end[0].failure?.message == "a.lua:3: boom")
  }

  @Test func `instants that pass while the function runs are one late fire`() {
    let harness = CoreHarness()
    harness.install([.custom("a")])
    harness.run(until: 5 * second)
    harness.answer(.success(Self.at(2 * second)))
    #expect(harness.starts.map(\.due) == [2 * second] && harness.starts[0].at == 5 * second)
    #expect(harness.requests.last?.after == Self.at(5 * second))
    harness.answer(.success(Self.at(8 * second)))
    harness.run(until: 10 * second)
    #expect(harness.starts.map(\.due) == [2 * second, 8 * second])
    #expect(harness.requests.last?.after == Self.at(8 * second))
  }

  @Test func `only the answer to the last request counts`() {
    let harness = CoreHarness()
    harness.install([.custom("a")])
    let first = harness.requests[0]
    harness.command("a", .pause(reason: nil))
    harness.answer(.success(Self.at(2 * second)), to: first)
    harness.run(until: 10 * second)
    #expect(harness.starts.isEmpty)
    harness.command("a", .resume)
    #expect(harness.requests.last?.after == Self.at(10 * second))
    harness.answer(.success(nil), to: first)
    harness.answer(.success(Self.at(12 * second)))
    harness.answer(.success(Self.at(11 * second)))
    harness.run(until: 20 * second)
    #expect(harness.starts.map(\.due) == [12 * second])
  }

  @Test func `a reload asks the new function about the last fire, and loses no fire`() {
    let harness = CoreHarness()
    harness.install([.custom("a")])
    harness.answer(.success(Self.at(2 * second)))
    harness.run(until: 2 * second)
    harness.answer(.success(Self.at(5 * second)))
    harness.run(until: 3 * second)
    harness.install([.custom("a")])
    #expect(harness.requests.last?.after == Self.at(2 * second))
    #expect(harness.requests.last?.generation == GenerationID(rawValue: 2))
    #expect(!harness.events.contains { $0.event.kind == .jobChanged })
    // The old function had returned 5 s, and the new one is slow.
    harness.run(until: 6 * second)
    harness.answer(
      .success(Self.at(4 * second)), to: harness.requests[harness.requests.count - 2])
    #expect(harness.starts.map(\.due) == [2 * second, 5 * second])
    harness.install([.custom("a")])
    harness.answer(.success(Self.at(9 * second)))
    harness.run(until: 20 * second)
    #expect(harness.starts.map(\.due) == [2, 5, 9].map { $0 * second })
    #expect(harness.starts.map(\.number) == [1, 2, 3])
  }

  @Test func `a change between function and period starts the job over`() {
    let harness = CoreHarness()
    harness.answerNextFire = { .success(Self.at($0 + 3 * second)) }
    harness.install([.custom("a")])
    harness.run(until: 4 * second)
    harness.install([.every("a", 10 * second)])
    harness.run(until: 15 * second)
    harness.install([.custom("a")])
    harness.run(until: 19 * second)
    #expect(harness.starts.map(\.due) == [3, 14, 18].map { $0 * second })
    #expect(harness.events.filter { $0.event.kind == .jobChanged }.count == 2)
  }

  @Test func `jobs of callbacks are released when they end, and get no request after that`() {
    let harness = CoreHarness()
    harness.install([])
    harness.register(.custom("a"), index: 0)
    harness.answer(.success(nil))
    #expect(harness.releases == [JobHandle(index: 0, reuse: 0)])
    harness.register(.custom("b"), index: 1)
    let request = harness.requests[1]
    harness.install([])
    harness.answer(.success(Self.at(second)), to: request)
    harness.run(until: hour)
    #expect(harness.starts.isEmpty && harness.requests.count == 2)
  }

  @Test func `a step of the clock is handled as for fixed times`() {
    let harness = CoreHarness()
    harness.install([.custom("a")])
    harness.answer(.success(Self.at(hour)))
    harness.run(until: second)
    harness.step = 2 * hour
    harness.run(until: 2 * second)
    #expect(harness.starts.map(\.job) == ["a"], "less than three hours forward: late")
    harness.answer(.success(Self.at(10 * hour)))
    harness.step = 24 * hour
    harness.run(until: 3 * second)
    #expect(harness.starts.count == 1)
    #expect(harness.reasons(.runMissed) == ["a: the clock was set forward by 22h"])
    #expect(harness.requests.last?.after == Self.at(24 * hour + 3 * second))
    harness.answer(.success(Self.at(30 * hour)))
    harness.step = 0
    harness.run(until: 4 * second)
    #expect(harness.requests.last?.after == Self.at(4 * second), "a correction")
    #expect(harness.status("a")?.next == nil)
    harness.answer(.success(Self.at(8 * second)))
    harness.run(until: 10 * second)
    #expect(harness.starts.last?.due == 8 * second)
  }

  /// The job fires every 10 s, and the host is down from 25 s to 58 s. The core asks only for the first missed fire.
  @Test(
    arguments: [
      (Catchup.none, [60], ["missed 1: the host was down"]), (.latest, [30, 60], []),
      (.all, [30, 60], []),
    ] as [(Catchup, [Int64], [String])])
  func `after a restart the job catches up with the first missed fire`(
    catchup: Catchup, due: [Int64], decisions: [String]
  ) throws {
    let harness = StoreHarness()
    var job = TestJob.custom("a")
    job.policy.catchup = catchup
    let next = { (time: Int64) -> Result<Timestamp?, RunFailure> in
      .success(Self.at((time / (10 * second) + 1) * 10 * second))
    }
    harness.host.answerNextFire = next
    harness.host.install([job])
    harness.host.handle(.loaded())
    harness.host.run(until: 25 * second)
    #expect(harness.host.starts.map(\.due) == [10 * second, 20 * second])
    harness.restart(after: 33 * second)
    harness.host.answerNextFire = next
    harness.host.install([job])
    harness.host.handle(.loaded())
    harness.host.run(until: 60 * second)
    #expect(harness.host.starts.map(\.due) == due.map { $0 * second })
    #expect(try harness.decisions("a") == decisions)
  }

  @Test func `a host that drains sends no request`() {
    let harness = CoreHarness()
    harness.answerNextFire = { .success(Self.at($0 + second)) }
    harness.install([.custom("a")])
    harness.handle(.drain)
    harness.run(until: 10 * second)
    #expect(harness.requests.count == 1 && harness.starts.isEmpty)
  }

  /// After random answers, pauses, reloads and cancellations, no fire is early, none comes twice, and only the last
  /// request counts.
  @Test func `random operations neither lose a request nor double a fire`() throws {
    let seed = UInt64.random(in: 0...999_999)
    print("seed of the custom triggers: \(seed)")
    var random = SplitMix64(seed: seed)
    func roll(_ count: UInt64) -> Int64 { Int64(random.next() % count) }
    let harness = CoreHarness()
    harness.install([.custom("a")])
    for _ in 0..<600 {
      switch roll(10) {
      case 0: harness.install([.custom("a")])
      case 1: harness.command("a", .pause(reason: nil))
      case 2: harness.command("a", .resume)
      case 3 where !harness.requests.isEmpty:
        let old = Int(roll(UInt64(harness.requests.count)))
        harness.answer(.success(Self.at(harness.now + second)), to: harness.requests[old])
      case 4...7:
        let after = harness.requests[harness.requests.count - 1].after
        let gap = (1 + roll(5_000)) * millisecond
        harness.answer(.success(after.advanced(by: gap)))
      default: harness.run(until: harness.now + roll(4) * second)
      }
    }
    harness.command("a", .resume)
    harness.answer(.success(Self.at(harness.now + second)))
    let count = harness.starts.count
    harness.run(until: harness.now + 10 * second)
    let dues = harness.starts.map(\.due)
    #expect(harness.starts.count == count + 1, "seed \(seed)")
    #expect(zip(dues, dues.dropFirst()).allSatisfy { $0 < $1 }, "seed \(seed)")
    #expect(harness.starts.allSatisfy { $0.at >= $0.due }, "seed \(seed)")
  }
}
