import MoonwheelModel
import SchedulerCore
import Synchronization
import Testing
import WorkerPool

@testable import Moonwheel
@testable import SchedulerEngine
@testable import ScriptHost

/// Runs of batches that sleep.
@Suite struct TimedWaitTests {
  /// A script whose runs the test starts and whose waits the test ends, in place of the core.
  private final class Sleeper {
    let single: SingleScript
    /// Waits under way.
    private(set) var parks: [TimedPark] = []

    init(_ script: String) throws {
      single = try SingleScript(script)
    }

    func start(_ name: String, _ count: Int64 = 1, areRecorded: Bool = false) throws {
      let dispatches = try (1...count).map {
        try single.dispatchWithoutInput(name, number: $0, isRecorded: areRecorded)
      }
      single.isolate.post(.starts(dispatches))
      runAll()
    }

    func runAll() {
      single.environment.pool.waitUntilIdle()
      var items: [Inbox.Item] = []
      var reports: [RunEnds] = []
      single.environment.inbox.drain(into: &items, reports: &reports)
      for item in items {
        guard case .input(let input) = item else { continue }
        switch input {
        case .parks(let timed): parks += timed
        case .park(let park, let until): parks.append(TimedPark(park, until: until))
        case .unpark(let park): parks.removeAll { $0.park == park }
        default: break
        }
      }
    }

    func advance(by nanoseconds: Int64) {
      single.clock.advance(by: nanoseconds)
      let now = single.clock.read().elapsed
      let due = parks.filter { $0.until <= now }
      parks.removeAll { $0.until <= now }
      if !due.isEmpty { single.isolate.post(.timeouts(due.map(\.park))) }
      runAll()
    }

    var reports: [RunEnd] { single.reports.withLock { $0 } }
    var said: [String] { single.log.said }
    /// Read these only while no turn is under way.
    var waits: Int { single.isolate.live.count }
  }

  private static func job(_ body: String, _ options: String = "") -> String {
    "job('j', { \(options) run = function(run) \(body) end })"
  }

  private static let second: Int64 = 1_000_000_000

  @Test func `sleeping runs continue in batches, each at its time`() throws {
    let sleeper = try Sleeper(
      Self.job("sleep(run.n % 2 == 0 and '2s' or 1) n = (n or 0) + 1 if n == 200 then print(n) end")
    )
    try sleeper.start("j", 200)
    #expect(sleeper.waits == 200 && sleeper.parks.count == 200)
    sleeper.advance(by: Self.second - 1)
    #expect(sleeper.reports.isEmpty)
    sleeper.advance(by: Self.second / 2)
    #expect(sleeper.reports.map(\.number) == (1...100).map { 2 * $0 - 1 })
    sleeper.advance(by: Self.second)
    #expect(sleeper.reports.count == 200 && sleeper.said == ["200"])
    #expect(sleeper.waits == 0 && sleeper.parks.isEmpty)
    for report in sleeper.reports {
      let slept = report.endedAt - report.startedAt
      let length = report.number % 2 == 0 ? 2 * Self.second : Self.second
      #expect(slept >= length && slept < length + Self.second)
      #expect(report.processorTime > 0 && report.processorTime < Self.second)
      #expect(report.outcome == .succeeded(.nil))
    }
  }

  /// A batch measures time by the machine's clock, so that a sleep ends some tenths of a second late by the manual
  /// clock.
  @Test(arguments: [
    ("sleep('1s') sleep(1.0) sleep('500ms') sleep(0.5)", 3.0),
    (
      "local co = coroutine.wrap(function() sleep(1) coroutine.yield(1) sleep('1s') end) co() co()",
      2.0
    ),
    ("pcall(function() sleep('1s') error('x') end)", 1.0),
    ("pcall(sleep, '1s')", 1.0),
    (
      "do local x <close> = setmetatable({}, { __close = function() sleep('1s') end }) end", 1.0
    ),
    ("for i = 1, 5 do sleep('200ms') end", 1.0),
    ("run:sleep('1s')", 1.0),
    ("sleep('1s') log.debug('x') sleep('1s')", 2.0),
    ("log.debug('x') sleep('1s')", 1.0),
    ("sleep('1 second') sleep('PT1S')", 2.0),
    ("assert(select('#', sleep(1)) == 0)", 1.0),
    ("sleep('1s') sleep(1, 2)", 2.0),
  ])
  func `sleep works wherever a script calls it`(body: String, slept: Double) throws {
    let sleeper = try Sleeper(
      Self.job("\(body) done = (done or 0) + 1 if done == 3 then print('ok') end"))
    try sleeper.start("j", 3)
    for _ in 1...60 { sleeper.advance(by: Self.second / 10) }
    #expect(sleeper.said.last == "ok")
    #expect(sleeper.reports.map(\.outcome) == Array(repeating: .succeeded(.nil), count: 3))
    #expect(sleeper.waits == 0 && sleeper.parks.isEmpty)
    for report in sleeper.reports {
      let seconds = Double(report.endedAt - report.startedAt) / 1e9
      #expect(seconds >= slept && seconds < slept + 0.7, "\(seconds) s")
    }
  }

  @Test(arguments: [
    "sleep()", "sleep(-1)", "sleep(0)", "sleep('0s')", "sleep('10')", "sleep('x')", "sleep({})",
    "sleep(1/0)", "sleep(0/0)", "sleep('1M')", "sleep('1ns')", "sleep(0.00001)", "sleep('')",
    "sleep(true)", "sleep('99999999999s')", "sleep('s')", "sleep('1s\\0')",
  ])
  func `an invalid duration is the same mistake as outside of batches`(call: String) throws {
    let sleeper = try Sleeper(Self.job(call))
    try sleeper.start("j")
    let message = try #require(sleeper.reports.first?.failure?.message)
    #expect(message == (try SingleScript(Self.job(call)).run("j").failure?.message))
  }

  @Test func `the timeout of a run ends its sleep`() throws {
    let sleeper = try Sleeper(
      Self.job("for i = 1, 9 do sleep('1s') end print('ended')", "timeout = '2500ms',"))
    try sleeper.start("j", 2)
    for _ in 1...35 { sleeper.advance(by: Self.second / 10) }
    #expect(sleeper.said.isEmpty)
    #expect(sleeper.reports.count == 2)
    for report in sleeper.reports {
      guard case .timedOut(let failure) = report.outcome else {
        Issue.record("\(report.outcome)")
        continue
      }
      #expect(
        failure.message
          == "a.lua: job \"j\" was interrupted: it ran longer than its timeout of 2s500ms")
      #expect(failure.traceback.contains("a.lua:1"))
      let lasted = report.endedAt - report.startedAt
      #expect(lasted >= 2_500_000_000 && lasted < 3_000_000_000)
    }
    #expect(sleeper.waits == 0 && sleeper.parks.isEmpty)
  }

  @Test func `cancelled runs end their sleep and remove their waits`() throws {
    let sleeper = try Sleeper(
      Self.job(
        "local x <close> = setmetatable({}, { __close = function() print('closed') end }) sleep('1h')"
      ))
    try sleeper.start("j", 5)
    sleeper.single.isolate.mailbox.append(CancelRuns(reason: "a test"))
    sleeper.single.environment.pool.notify(sleeper.single.isolate)
    sleeper.runAll()
    #expect(sleeper.said == Array(repeating: "closed", count: 5))
    #expect(sleeper.reports.count == 5 && sleeper.parks.isEmpty && sleeper.waits == 0)
    for report in sleeper.reports {
      guard case .cancelled = report.outcome else {
        Issue.record("\(report.outcome)")
        continue
      }
    }
  }

  @Test func `a request for the state turns timed waits into parked runs`() throws {
    let sleeper = try Sleeper(Self.job("sleep('1s') print(run.n) sleep('1s') print(-run.n)"))
    try sleeper.start("j", 3)
    sleeper.single.isolate.mailbox.requestState()
    sleeper.single.environment.pool.notify(sleeper.single.isolate)
    sleeper.runAll()
    #expect(sleeper.waits == 3)
    let lines = sleeper.single.log.lines.filter { $0.event == "scheduler.state" }
    #expect(lines.count == 3 && lines.allSatisfy { $0.message.contains("a.lua:1") })
    sleeper.advance(by: Self.second + Self.second / 5)
    sleeper.advance(by: Self.second + Self.second / 5)
    #expect(sleeper.said == ["1", "2", "3", "-1", "-2", "-3"])
    #expect(sleeper.reports.count == 3 && sleeper.parks.isEmpty)
  }

  @Test(arguments: ["", "sleep('1s')", "sleep('1s') collectgarbage()"])
  func `recorded runs report their peak memory`(then: String) throws {
    let large = "if run.n == 2 then local s = ('x'):rep(1000000) end"
    for body in ["\(large) \(then)", "\(then) \(large)"] {
      let sleeper = try Sleeper(Self.job(body))
      try sleeper.start("j", 3, areRecorded: true)
      sleeper.advance(by: Self.second + Self.second / 5)
      let peaks = sleeper.reports.map { $0.details?.content.peakMemory ?? 0 }
      #expect(peaks.count == 3 && peaks[0] > 10_000 && peaks[1] > 1_000_000, "\(peaks)")
      // Memory that the second run has left is still there when the first one continues.
      #expect(body.hasPrefix("if") && !then.isEmpty || peaks[0] < 1_000_000, "\(peaks)")
    }
  }

  @Test func `a stale timeout wakes no run`() throws {
    let sleeper = try Sleeper(Self.job("sleep('1s') print(run.n) sleep('1s') print('over')"))
    try sleeper.start("j")
    let stale = try #require(sleeper.parks.first).park
    sleeper.advance(by: Self.second + Self.second / 5)
    sleeper.single.isolate.post(.timeouts([stale, stale]))
    sleeper.single.isolate.post(.resume(stale, .timeout))
    sleeper.runAll()
    #expect(sleeper.said == ["1"])
    sleeper.advance(by: Self.second + Self.second / 5)
    #expect(sleeper.said == ["1", "over"])
  }

  @Test func `a run that fails after its sleep does not delay the others`() throws {
    let sleeper = try Sleeper(
      Self.job(
        "sleep('1s') if run.n % 3 == 0 then error('no ' .. run.n, 0) end done = (done or 0) + 1 return run.n % 3 == 1 and done or nil"
      ))
    try sleeper.start("j", 300)
    sleeper.advance(by: Self.second + Self.second / 5)
    #expect(sleeper.reports.count == 300)
    #expect(sleeper.reports.filter { $0.failure != nil }.map(\.number) == (1...100).map { 3 * $0 })
    #expect(sleeper.reports.last?.failure?.message == "no 300")
    #expect(sleeper.reports.compactMap(\.result).count { $0 != .nil } == 100)
  }
}
