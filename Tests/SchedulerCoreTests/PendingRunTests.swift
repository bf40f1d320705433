import Testing

@testable import MoonwheelModel
@testable import SchedulerCore

@Suite struct PendingRunTests {
  @Test func `a pending run starts at once, with its id and arguments`() {
    let harness = CoreHarness()
    harness.install([.onDemand("a")])
    let run = harness.trigger("a", ["id": 1])
    #expect(harness.starts.map(\.run) == [run])
    #expect(harness.starts.map(\.payload) == [["id": 1]])
  }

  @Test func `pending runs wait in order beyond the queue's bound and are not skipped`() {
    let harness = CoreHarness()
    harness.durations["a"] = .max
    harness.install([.every("a", second)])
    harness.run(until: second)
    let runs = (1...50).map { harness.trigger("a", .integer($0)) }
    harness.run(until: 4 * second)
    #expect(harness.reasons(.runSkipped).count == 3, "the fires are skipped")
    for _ in 1...50 { harness.finish("a") }
    #expect(harness.starts.dropFirst().map(\.run) == runs)
  }

  @Test func `pending runs survive a reload, also with another trigger`() {
    let harness = CoreHarness()
    harness.durations["a"] = .max
    harness.install([.every("a", hour)])
    let runs = (1...4).map { harness.trigger("a", .integer($0)) }
    harness.install([.every("a", hour)])
    harness.finish("a")
    harness.install([.every("a", 2 * hour)])
    harness.finish("a")
    harness.install([.onDemand("a")])
    harness.finish("a")
    #expect(harness.starts.map(\.run) == runs)
    #expect(harness.starts.map(\.generation) == [1, 2, 3, 4])
  }

  @Test func `pending runs of a removed job run when it comes back`() {
    let harness = CoreHarness()
    harness.durations["a"] = .max
    harness.install([.onDemand("a")])
    let runs = (1...3).map { harness.trigger("a", .integer($0)) }
    harness.install([.onDemand("b")])
    harness.finish("a")
    #expect(harness.starts.count == 1)
    #expect(harness.closes == [1])
    harness.handle(.unload(CoreHarness.script, reason: "gone"))
    harness.install([.onDemand("a")])
    #expect(harness.starts.count == 2)
    harness.finish("a")
    #expect(harness.starts.map(\.run) == runs)
    #expect(harness.starts.map(\.generation) == [1, 3, 3])
  }

  @Test func `a job takes over the pending runs of a callback's job of its name`() {
    let harness = CoreHarness()
    harness.durations["a"] = .max
    harness.install([])
    harness.register(.onDemand("a"), index: 0)
    let runs = (1...3).map { harness.trigger("a", .integer($0)) }
    harness.install([.onDemand("a")])
    #expect(harness.starts.count == 2, "the first one of the new job")
    harness.finish("a")
    harness.finish("a")
    #expect(harness.starts.map(\.run) == runs)
  }

  @Test func `a paused job still runs pending runs`() throws {
    let harness = CoreHarness()
    harness.durations["a"] = .max
    harness.install([try .on("a", "x")])
    harness.emit("x")
    harness.emit("x")
    harness.command("a", .pause(reason: nil))
    harness.finish("a")
    let run = harness.trigger("a", "pending")
    #expect(harness.starts.last?.run == run, "although an event waits before it")
    harness.finish("a")
    #expect(harness.starts.count == 2)
  }

  @Test func `more than ten thousand pending runs are refused`() {
    let harness = CoreHarness()
    harness.durations["a"] = .max
    harness.install([.onDemand("a")])
    for _ in 0...10_000 {
      harness.handle(.named(CoreHarness.script, name: "a", .enqueue(.nil, at: .now), request: 0))
    }
    guard case .refused(_, let code) = harness.command("a", .enqueue(.nil, at: .now)) else {
      Issue.record("accepted")
      return
    }
    #expect(code == "full")
  }

  @Test func `a command to an unknown job is refused`() {
    let harness = CoreHarness()
    harness.install([.onDemand("a")])
    let handle = JobHandle(index: 0, reuse: 0)
    let stale = JobHandle(index: 0, reuse: 1)
    for (generation, handle) in [(1, stale), (2, handle), (1, JobHandle(index: 9, reuse: 0))] {
      let address = JobAddress(
        generation: GenerationID(rawValue: UInt32(generation)), handle: handle)
      let park = ParkID(generation: address.generation, coroutine: 1, serial: 1)
      harness.handle(.command(address, .enqueue(.nil, at: .now), reply: park))
      guard case .refused(_, "gone") = harness.answers.removeLast() else {
        Issue.record("\(address) was answered")
        continue
      }
    }
    #expect(harness.starts.isEmpty)
  }
}
