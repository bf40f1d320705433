import MoonwheelModel
import Testing
import Triggers

@testable import ScriptHost

/// What passes to the alarm script at once, and what is summed up.
@Suite struct AlarmQueueTests {
  private static let wall = Timestamp(seconds: 1_800_000_000)

  private func alarm(_ job: String, _ status: String = "failed", count: Int64 = 1) -> Event {
    var fields: [Value: Value] = [
      "script": "a.lua", "job": .string(job), "status": .string(status), "run": "0000000000001",
    ]
    if count != 1 { fields["count"] = .integer(count) }
    return Event(name: "run.given_up", payload: .table(fields))
  }

  private func count(_ events: [Event]) -> Int64 {
    events.reduce(0) { $0 + ($1.payload["count"]?.int ?? 1) }
  }

  @Test func `the first alarms of a storm pass singly, the others in sums whose counts add up`() {
    var queue = AlarmQueue(at: 0)
    for number in 0..<5_000 { queue.add(alarm(number % 2 == 0 ? "a" : "b"), at: 0, Self.wall) }
    let first = queue.take(at: 0)
    #expect(first.count == AlarmQueue.burst)
    #expect(first.allSatisfy { $0.payload["count"] == nil && $0.payload["run"] != nil })
    #expect(queue.take(at: AlarmQueue.interval - 1).isEmpty)
    #expect(queue.sumsDueAt == AlarmQueue.interval)
    let sums = queue.take(at: AlarmQueue.interval)
    #expect(sums.map { $0.payload["job"] } == ["a", "b"])
    #expect(sums.allSatisfy { $0.payload["run"] == nil && $0.payload["since"] == 1_800_000_000.0 })
    #expect(count(first + sums) == 5_000)
    #expect(queue.isEmpty)
  }

  @Test func `an alarm passes singly again after a while`() {
    var queue = AlarmQueue(at: 0)
    for _ in 0..<30 { queue.add(alarm("a"), at: 0, Self.wall) }
    _ = queue.take(at: AlarmQueue.interval)
    queue.add(alarm("a"), at: AlarmQueue.interval, Self.wall)
    #expect(queue.take(at: AlarmQueue.interval).count == 1)
  }

  @Test func `jobs beyond the limit share a sum`() {
    var queue = AlarmQueue(at: 0)
    for number in 0..<1_000 { queue.add(alarm("job \(number)", count: 3), at: 0, Self.wall) }
    let events = queue.take(at: AlarmQueue.interval)
    #expect(events.count == AlarmQueue.burst + AlarmQueue.sumLimit + 1)
    #expect(events.last?.payload["job"] == nil)
    #expect(count(events) == 3_000)
  }

  @Test func `an alarm that waits takes little memory, whatever its job has put into it`() {
    var queue = AlarmQueue(at: 0)
    let large = String(repeating: "x", count: 1_000_000)
    let payload: Value = [
      "script": "a.lua", "job": .string("j" + large), "error": .string(large), "status": "failed",
      "data": ["x": .string(large)],
    ]
    for _ in 0..<30 { queue.add(Event(name: "run.given_up", payload: payload), at: 0, Self.wall) }
    let events = queue.take(at: AlarmQueue.interval)
    #expect(count(events) == 30)
    #expect(events.allSatisfy { $0.payload.footprint <= AlarmQueue.payloadLimit })
    #expect(events.allSatisfy { $0.payload["error"]?.text?.hasSuffix("x...") == true })
  }

  @Test func `what a full handler refuses is kept and counted`() {
    var queue = AlarmQueue(at: 0)
    for _ in 0..<100 { queue.add(alarm("a"), at: 0, Self.wall) }
    var got: Int64 = 0
    for step in 1...20 as ClosedRange<Int64> {
      let now = step * AlarmQueue.interval
      let events = queue.take(at: now)
      got += count(Array(events.prefix(1)))
      queue.putBack(events.dropFirst(), at: now, Self.wall)
      queue.add(alarm("b", "timed_out"), at: now, Self.wall)
    }
    got += count(queue.take(at: 0, all: true))
    #expect(got == 120)
  }
}
