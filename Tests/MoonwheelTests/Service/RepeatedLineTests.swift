import Layers
import MoonwheelTesting
import Testing

@testable import Moonwheel
@testable import ScriptHost

/// What happens again and again fills no log, and is counted.
@Suite struct RepeatedLineTests {
  /// How often a line says that it happened.
  private func counts(_ lines: [LogRecorder.Line]) -> [Int] {
    lines.map { line in
      if line.message.hasPrefix("once more since ") { return 1 }
      guard line.message.contains(" more times since ") else { return 1 }
      return Int(line.message.prefix { $0.isNumber }) ?? 0
    }
  }

  @Test func `a fire that is skipped is logged once, and then as a sum a minute`() async throws {
    let host = try TestScheduler([
      "a.lua": "every('1s', { name = 'j', timeout = false }, function() sleep('10m') end)"
    ])
    let skips = try EventRecorder("run.skipped", of: host.scheduler)
    host.advance(by: 200)
    let lines = host.log.lines.filter { $0.event == "run.skipped" }
    #expect(lines.count == 4)
    #expect(lines.allSatisfy { $0.level == .warning && $0.job == "j" && $0.script == "a.lua" })
    #expect(lines[0].message == "run.skipped: the previous run is still going")
    #expect(
      lines[1].message
        == "60 more times since 2026-01-01T00:00:03+00:00, the last time: run.skipped: the previous run is still going"
    )
    await host.stop()
    #expect(skips.events.count == 199)
    #expect(counts(host.log.lines.filter { $0.event == "run.skipped" }).reduce(0, +) == 199)
  }

  @Test func `failures are logged each, until they come too often`() async throws {
    let host = try TestScheduler([
      "a.lua": """
      every('100ms', { name = 'fast', on_failure = function() error('hook') end }, function() error('x') end)
      every('10s', { name = 'slow' }, function() error('y') end)
      """
    ])
    host.advance(by: 120)
    await host.stop()
    let failed = host.log.lines.filter { $0.event == "run.failed" }
    let fast = failed.filter { $0.job == "fast" }
    #expect(fast.count < 40)
    #expect(fast.prefix(30).allSatisfy { $0.message.contains("stack traceback") })
    #expect(counts(fast).reduce(0, +) == 1_200)
    #expect(failed.count { $0.job == "slow" } == 12)
    let hooks = host.log.lines.filter { $0.message.contains("on_failure: ") }
    #expect(hooks.count < 40)
    #expect(counts(hooks).reduce(0, +) == 1_200)
  }

  @Test func `sums keep short texts only`() async throws {
    let host = try TestScheduler([
      "a.lua": """
      local long = ('x'):rep(100000)
      every('100ms', { name = 'j' .. long }, function() error({ message = 'm' .. long, d = { long } }) end)
      """
    ])
    host.advance(by: 120)
    await host.stop()
    let sums = host.log.lines.filter { $0.message.contains(" more times since ") }
    #expect(!sums.isEmpty)
    #expect(sums.allSatisfy { $0.message.utf8.count < 1_000 })
    #expect(sums.allSatisfy { ($0.job ?? "").utf8.count < 1_000 })
  }

  @Test func `a quiet minute lets the next line through at once`() async throws {
    let host = try TestScheduler([
      "a.lua": "every('10m', { name = 'j' }, function() sleep('25m') end)"
    ])
    host.advance(by: 3_000)
    await host.stop()
    let skipped = host.log.messages(of: "run.skipped")
    #expect(skipped.count == 3)
    #expect(skipped.allSatisfy { $0.hasPrefix("run.skipped: ") })
  }

  @Test func `the failures of very many jobs are counted together`() async throws {
    let host = try TestScheduler([
      "a.lua": "for i = 1, 2000 do every('1m', { name = 'j' .. i }, function() error('x') end) end"
    ])
    host.advance(by: 60)
    await host.stop()
    let failed = host.log.lines.filter { $0.event == "run.failed" }
    #expect(failed.count == 501)
    #expect(counts(failed).reduce(0, +) == 2_000)
  }

  @Test func `a script that does not load is told of each time, up to a bound`() async throws {
    let host = try TestScheduler(["a.lua": "every('1s', print)"])
    for number in 1...100 {
      host.scheduler.environment.log.failed(
        ScriptError(.syntax, script: "b.lua", "b.lua:1: \(number)"))
    }
    await host.stop()
    let failed = host.log.lines.filter { $0.event == "script.failed" }
    #expect(failed.count == 31)
    #expect(failed.last?.message.hasSuffix("b.lua:1: 100") == true)
    #expect(counts(failed).reduce(0, +) == 100)
  }

  @Test func `a script that logs too much is closed for a second`() {
    var configuration = Configuration()
    configuration.outputBurst = 1_000
    configuration.outputPerSecond = 100_000
    let budget = OutputBudget(configuration)
    var answers: [OutputBudget.Answer] = []
    for millisecond in 0..<4_000 as Range<Int64> {
      for _ in 0..<10 { answers.append(budget.spend(100, at: millisecond * 1_000_000)) }
    }
    let closed = answers.count { $0 == .firstOmitted }
    #expect((3...4).contains(closed))
    let omitted = answers.reduce(0) { sum, answer in
      if case .allowedAgain(let count) = answer { sum + count } else { sum }
    }
    let out = answers.count { $0 == .firstOmitted || $0 == .omitted }
    let last = answers.lastIndex { if case .allowedAgain = $0 { true } else { false } } ?? 0
    #expect(omitted == out - answers[last...].count { $0 == .firstOmitted || $0 == .omitted })
  }
}
