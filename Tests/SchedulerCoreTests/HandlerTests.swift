import Testing

@testable import MoonwheelModel
@testable import SchedulerCore

@Suite struct HandlerTests {
  @Test(arguments: [false, true])
  func `a handler takes its events one at a time and in order`(leases: Bool) throws {
    let harness = CoreHarness()
    if leases { harness.allowLeases() }
    harness.durations["a"] = .max
    harness.install([try .on("a", "x.*")])
    for name in ["x.1", "x.2", "y", "x.3", "x.4"] { harness.emit(name) }
    #expect(harness.starts.map(\.payload) == ["x.1"])
    for _ in 1...4 { harness.finish("a") }
    #expect(harness.starts.map(\.payload) == ["x.1", "x.2", "x.3", "x.4"])
    #expect(harness.dequeued.count == 4)
  }

  @Test(arguments: [false, true])
  func `events beyond the queue's bound are skipped and leave the queue`(leases: Bool) throws {
    let harness = CoreHarness()
    if leases { harness.allowLeases() }
    harness.durations["a"] = .max
    harness.install([try .on("a", "x")])
    for _ in 1...6 { harness.emit("x") }
    #expect(
      harness.reasons(.runSkipped) == ["a: the backlog is full (3)", "a: the backlog is full (3)"])
    #expect(harness.dequeued.count == 3, "one began and two were refused")
    for _ in 1...4 { harness.finish("a") }
    #expect(harness.dequeued.count == 6)
    #expect(harness.starts.count == 4)
  }

  /// All ways in which an accepted event can end.
  @Test(
    arguments: ["run", "pause", "cancel", "remove", "change", "unload", "reload"], [false, true])
  func `every accepted event leaves the queue once`(way: String, leases: Bool) throws {
    let harness = CoreHarness()
    if leases { harness.allowLeases() }
    harness.durations["a"] = .max
    harness.install([try .on("a", "x")])
    for _ in 1...3 { harness.emit("x") }
    switch way {
    case "pause":
      harness.command("a", .pause(reason: nil))
      harness.finish("a")
      #expect(harness.starts.count == 1, "waiting events continue to wait")
      harness.command("a", .resume)
    case "cancel": harness.command("a", .cancel(by: nil))
    case "remove": harness.install([])
    case "change": harness.install([try .on("a", "y")])
    case "unload": harness.handle(.unload(CoreHarness.script, reason: "gone"))
    case "reload": harness.install([try .on("a", "x")])
    default: break
    }
    while !harness.active.isEmpty { harness.finish(at: 0) }
    #expect(harness.dequeued.count == 3)
    #expect(harness.starts.count == (["run", "pause", "reload"].contains(way) ? 3 : 1))
    #expect(harness.reasons(.runSkipped).count == 3 - harness.starts.count)
  }

  @Test func `an event for a removed or paused handler leaves the queue`() throws {
    let harness = CoreHarness()
    harness.install([try .on("a", "x"), try .on("b", "x")])
    let handlers = Array(harness.subscriptions.keys)
    harness.command("a", .pause(reason: nil))
    harness.install([try .on("a", "x")])
    harness.handle(.event(Event(name: "x"), handlers: handlers))
    #expect(harness.dequeued.count == 2)
    #expect(harness.starts.isEmpty)
  }

  @Test func `subscriptions follow the job`() throws {
    let harness = CoreHarness()
    func patterns() -> [String] { harness.subscriptions.values.map(\.text).sorted() }
    harness.install([try .on("a", "x"), try .on("b", "y", JobPolicy(paused: true))])
    #expect(patterns() == ["x"])
    harness.command("b", .resume)
    #expect(patterns() == ["x", "y"])
    harness.command("a", .pause(reason: nil))
    #expect(patterns() == ["y"])
    harness.install([try .on("a", "x"), try .on("b", "z", JobPolicy(paused: true))])
    #expect(patterns() == [])
    harness.install([try .on("a", "w"), try .on("b", "z")])
    #expect(patterns() == ["w", "z"], "a changed pattern is subscribed after the old one ended")
    harness.command("b", .cancel(by: nil))
    #expect(patterns() == ["w"])
    harness.install([.every("a", second), try .on("b", "z")])
    #expect(patterns() == [])
    harness.install([try .on("a", "x")])
    #expect(patterns() == ["x"])
    harness.handle(.unload(CoreHarness.script, reason: "gone"))
    #expect(patterns() == [])
  }

  @Test func `events about a handler of host events are marked`() throws {
    let harness = CoreHarness()
    harness.install([try .on("a", "run.*"), try .on("b", "order.*"), try .on("c", "**")])
    harness.emit("run.started")
    harness.jump(to: second)
    harness.emit("order.new")
    let about = harness.events.map(\.event).filter { $0.kind == .runStarted }
    #expect(
      about.map { "\($0.job) \($0.isAboutHostHandler)" } == [
        "a true", "c true", "b false", "c true",
      ])
  }
}
