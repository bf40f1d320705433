import Glibc
import Layers
import Moonwheel
import MoonwheelTesting
import TestSupport
import Testing

/// The same scripts, from the same instant, on the machine's clock and in a simulation.
@Suite struct AgreementTests {
  /// How many seconds the host runs; MOONWHEEL_AGREEMENT sets it.
  private static let seconds: Double = {
    guard let text = unsafe getenv("MOONWHEEL_AGREEMENT") else { return 4 }
    return unsafe Double(String(cString: text)) ?? 4
  }()

  private static let scripts: KeyValuePairs = [
    "a.lua": """
    every("500ms", { name = "simple" }, function() end)
    cron("* * * * * *", { name = "cron" }, function(run) return run.scheduled_at end)
    every("500ms", { name = "slow" }, function() sleep("1250ms") end)
    every("500ms", { name = "queued", overlap = "queue", backlog = 2 }, function() sleep("850ms") end)
    every("1000ms", { name = "flaky", retry = { max = 2, from = "150ms", factor = 1, jitter = 0 } }, function(run)
      if run.attempt < 3 then error("attempt " .. run.attempt) end
    end)
    every("500ms", { name = "limited", times = 3 }, function() end)
    """,
    "b.lua": """
    on("tick", { name = "handler" }, function(e) return e.payload end)
    every("500ms", { name = "sender" }, function(run) emit("tick", run.n) end)
    every("1000ms", { name = "stuck", timeout = "200ms" }, function() while true do end end)
    every("500ms", { name = "choosy", when = function(run) return run.n % 2 == 0 end }, function() end)
    every("1500ms", { name = "promising" }, function() jobs.kept:after("350ms", 1) end)
    job("kept", { run = function(run) return run.args end })
    """,
  ]

  /// The events of each job with their reasons, in order.
  private func decisions(
    on clock: StoryClock, from start: Timestamp? = nil
  ) async throws -> [String: [String]] {
    let recorder = try JobEventRecorder("run.* | job.added | job.finished")
    let host = try clock.start(Self.scripts, from: start, recorder: recorder)
    defer { host.stop() }
    try await inThread { try host.advance(by: Self.seconds) }
    // A host on the machine's clock may have gone on for a moment.
    let events = recorder.events.filter { $0.at <= Int64(Self.seconds * 1e9) }
    return Dictionary(grouping: events, by: \.job).mapValues { $0.map(Self.summary) }
  }

  private static func summary(_ event: JobEventRecorder.Recorded) -> String {
    // Ids of runs and lengths of time may differ.
    let words = event.reason.split(separator: " ").filter { !$0.contains { $0.isNumber } }
    return ([event.name] + words.map(String.init)).joined(separator: " ")
  }

  /// Not on the manual clock, which stands still while a callback computes: the job `stuck` would never end there.
  @Test func `a simulation decides as the host does`() async throws {
    let start = SystemClock().read().wall
    let real = try await decisions(on: .machine)
    let other = try await decisions(on: .virtual, from: start)
    #expect(Set(real.keys) == Set(other.keys))
    for (job, decisions) in real {
      let others = other[job] ?? []
      // At the end, one may be ahead of the other by the events of a fire.
      let count = min(decisions.count, others.count)
      #expect(abs(decisions.count - others.count) <= 3, "\(job)")
      #expect(Array(decisions.prefix(count)) == Array(others.prefix(count)), "\(job)")
    }
  }
}
