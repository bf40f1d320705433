import Layers
import ModuleKit
import Moonwheel
import MoonwheelTesting
import SQLiteJobStore
import TestSupport
import Testing
import ToyModule

/// What runs begin and does not end with them: a thing whose ending takes time, and requests for the end of a run.
@Suite(.timeLimit(.minutes(2))) struct EndingTests {
  /// A host with the toy module.
  private final class ToyHost {
    let toy: ToyModule
    let log = LogRecorder()
    let scheduler: Scheduler

    init(
      _ script: String, _ toy: ToyModule = ToyModule(), store: any JobStore = MemoryJobStore(),
      _ configure: (inout Configuration) -> Void = { _ in }
    ) async throws {
      self.toy = toy
      var configuration = Configuration()
      try configuration.add(toy)
      configuration.limits.stall = .milliseconds(100)
      configuration.texts = [(name: "a.lua", source: script)]
      configure(&configuration)
      scheduler = try Scheduler(configuration, store: store, logger: log.logger)
      try scheduler.start()
      _ = try await scheduler.jobs
    }

    /// Waits until it holds, for 10 s at most.
    func wait(until holds: () -> Bool, _ place: SourceLocation = #_sourceLocation) async throws {
      for _ in 0..<1_000 where !holds() { try await Task.sleep(for: .milliseconds(10)) }
      #expect(holds(), "\(log.messages.suffix(5))", sourceLocation: place)
    }
  }

  /// Ways in which a run of `job` can end that holds a child and has left a note. `go` starts it; `stop` may end it.
  private static let endings: [(name: String, script: String)] = [
    ("return", "on('go', { name = 'job' }, function() BEGIN end)"),
    ("error", "on('go', { name = 'job' }, function() BEGIN error('no') end)"),
    ("timeout", "on('go', { name = 'job', timeout = '1s' }, function() BEGIN sleep('1h') end)"),
    (
      "computing",
      "on('go', { name = 'job', timeout = '1s' }, function() BEGIN while true do end end)"
    ),
    (
      "drop",
      """
      on('go', { name = 'job', timeout = '1s' }, function()
        BEGIN
        local x <close> = setmetatable({}, { __close = function() while true do end end })
        while true do end
      end)
      """
    ),
    (
      "cancel",
      """
      on('go', { name = 'job' }, function() BEGIN sleep('1h') end)
      on('stop', function() jobs.job:cancel() jobs.job:resume() end)
      """
    ),
    (
      "eviction",
      """
      on('go', { name = 'job', timeout = '1s' }, function()
        BEGIN
        local text = string.rep('a', 30)
        string.find(text, string.rep('a-', 30) .. 'b')
      end)
      """
    ),
    (
      "abandoned",
      """
      on('go', { name = 'job' }, function() BEGIN sleep('1h') end)
      on('stop', { timeout = '300ms' }, function()
        local text = string.rep('a', 30)
        string.find(text, string.rep('a-', 30) .. 'b')
      end)
      """
    ),
    (
      "private isolate",
      "on('go', { name = 'job', isolate = 'run' }, function() BEGIN error('no') end)"
    ),
    ("waiting call", "on('go', { name = 'job' }, function() BEGIN toy.later(1) end)"),
  ]

  @Test(arguments: endings)
  func `a job is busy until what its run began is gone, however the run ended`(
    _ ending: (name: String, script: String)
  ) async throws {
    let host = try await ToyHost(
      ending.script.replacing("BEGIN", with: "toy.note('left') toy.child('1')"))
    try host.scheduler.emit("go")
    try await host.wait { host.toy.liveChildren == ["1"] }
    #expect(host.toy.noted.isEmpty || host.toy.endingChildren == ["1"])
    try host.scheduler.emit("stop")
    try await host.wait { host.toy.endingChildren == ["1"] && host.toy.noted == ["left"] }
    // The second event meets the child of the first one.
    try host.scheduler.emit("go")
    try await host.wait { host.log.messages.count >= 0 }
    var job = try await host.scheduler.job("job")
    for _ in 0..<100 where job.reason == nil || job.waitingCount == 0 {
      try await Task.sleep(for: .milliseconds(10))
      job = try await host.scheduler.job("job")
    }
    #expect(job.runningCount == 0 && job.waitingCount == 1 && job.runCount == 1)
    #expect(
      job.reason?.contains("began: ") == true && job.reason?.hasSuffix("child 1") == true,
      "\(job.reason ?? "no reason")")
    host.toy.endChild("1")
    try await host.wait { host.toy.liveChildren == ["1"] }
    host.toy.endChild("1")
    await host.scheduler.stop()
  }

  @Test func `a request can be done at once, or taken back`() async throws {
    let host = try await ToyHost(
      """
      on('go', function()
        local box <close> = listen('end')
        toy.note('1', 'cancel') toy.note('2', 'now') toy.note('3')
        box:next()
        toy.note('4')
      end)
      """)
    try host.scheduler.emit("go")
    try await host.wait { host.toy.noted == ["2"] }
    try host.scheduler.emit("end")
    try await host.wait { host.toy.noted.count == 3 }
    #expect(Set(host.toy.noted) == ["2", "3", "4"])
    await host.scheduler.stop()
  }

  @Test func `requests are bounded, and refused outside of runs`() async throws {
    let host = try await ToyHost(
      """
      on('go', function()
        for n = 1, 64 do assert(toy.note('x')) end
        print(toy.note('x'))
        print(select(3, toy.note(string.rep('x', 70000))))
      end)
      """)
    try host.scheduler.emit("go")
    try await host.wait { host.toy.noted.count == 64 }
    #expect(
      host.log.said == ["nil\ta run leaves at most 64 requests for its end\tfull", "too_large"])
    await host.scheduler.stop()
  }

  @Test func `one that fails is tried again`() async throws {
    let host = try await ToyHost(
      "on('go', function() toy.note('x') end)", ToyModule(noteFailures: 1))
    try host.scheduler.emit("go")
    try await host.wait { host.toy.noted == ["x"] }
    #expect(host.log.messages.contains { $0.contains("it is tried again in 1 s: ") })
    await host.scheduler.stop()
  }

  @Test func `a stop waits for endings within the shutdown timeout`() async throws {
    let host = try await ToyHost(
      "on('go', function() toy.note('x') toy.child('1') toy.child('2') end)"
    ) { $0.shutdownTimeout = .seconds(20) }
    try host.scheduler.emit("go")
    try await host.wait { host.toy.endingChildren.count == 2 }
    host.scheduler.beginStop()
    #expect(!host.scheduler.waitUntilStopped(atMost: 200_000_000))
    host.toy.endChild("1")
    host.toy.endChild("2")
    #expect(host.scheduler.waitUntilStopped(atMost: 5_000_000_000))
    #expect(host.toy.noted == ["x"])
  }

  @Test func `a stop names what is left after the timeout`() async throws {
    let host = try await ToyHost("on('go', function() toy.child('1') end)") {
      $0.shutdownTimeout = .milliseconds(50)
    }
    try host.scheduler.emit("go")
    try await host.wait { host.toy.endingChildren == ["1"] }
    let start = ContinuousClock.now
    await host.scheduler.stop()
    #expect(ContinuousClock.now - start < .seconds(2))
    #expect(
      host.log.messages.contains(
        "the host stops before all that its runs began has ended: child 1"))
  }

  @Test func `what a stop leaves is done at the next start`() async throws {
    let folder = try TemporaryFolder()
    let path = folder.path("store.db")
    let first = try await ToyHost(
      "on('go', function() toy.note('hang') wait('never') end)",
      store: SQLiteJobStore(path: path)
    ) { $0.shutdownTimeout = .milliseconds(50) }
    try first.scheduler.emit("go")
    try await first.wait { first.log.messages.count >= 0 }
    for _ in 0..<1_000 {
      if try await first.scheduler.jobs.contains(where: { $0.runningCount > 0 }) { break }
      try await Task.sleep(for: .milliseconds(10))
    }
    try await Task.sleep(for: .milliseconds(100))
    await first.scheduler.stop()
    #expect(first.log.messages.contains { $0.contains("the next host does them") })
    let store = SQLiteJobStore(path: path)
    #expect(try store.load().afterRuns.map(\.payload) == ["hang"])
    try store.commit(
      [.afterRun(request(1, "done now")), .afterRun(request(7, "other", kind: "gone.kind"))],
      isDurable: true)
    store.close()
    let next = try await ToyHost("", store: SQLiteJobStore(path: path))
    try await next.wait { next.toy.noted == ["done now"] }
    await next.scheduler.stop()
    let left = SQLiteJobStore(path: path)
    #expect(try left.load().afterRuns.map(\.id) == [7])
    left.close()
  }

  private func request(_ id: Int64, _ text: String, kind: String = "toy.note") -> AfterRunRequest {
    AfterRunRequest(
      id: id, script: "a.lua", run: Run.ID(rawValue: 1), kind: kind, payload: .string(text),
      at: .now)
  }

  @Test func `a killed host has them in its store`() async throws {
    let folder = try TemporaryFolder()
    let path = folder.path("store.db")
    let first = try await ToyHost(
      "on('go', function() toy.note('a') toy.note('b') toy.child('1') print('begun') wait('never') end)",
      store: SQLiteJobStore(path: path)
    ) { $0.shutdownTimeout = .milliseconds(10) }
    try first.scheduler.emit("go")
    try await first.wait { first.log.said == ["begun"] }
    // A copy of the files is what kill -9 leaves.
    let copy = folder.path("copy.db")
    for suffix in ["", "-wal"] {
      try folder.copy(path + suffix, to: "copy.db" + suffix)
    }
    let next = try await ToyHost("", store: SQLiteJobStore(path: copy))
    try await next.wait { next.toy.noted.count == 2 }
    #expect(Set(next.toy.noted) == ["a", "b"])
    await next.scheduler.stop()
    first.toy.endChild("1")
    await first.scheduler.stop()
  }
}
