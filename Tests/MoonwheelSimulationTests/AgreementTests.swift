import Glibc
import Moonwheel
import MoonwheelSimulation
import MoonwheelTesting
import Synchronization
import Testing

/// A host on the machine's clocks and a simulation from the same instant, both with the same scripts.
@Suite struct AgreementTests {
  /// How many seconds the host runs; MOONWHEEL_AGREEMENT sets it.
  private static let seconds: Double = {
    guard let text = unsafe getenv("MOONWHEEL_AGREEMENT") else { return 8 }
    return unsafe Double(String(cString: text)) ?? 8
  }()

  private static let scripts: KeyValuePairs = [
    "a.lua": """
    every("1s", { name = "simple" }, function() end)
    cron("*/2 * * * * *", { name = "cron" }, function(run) return run.scheduled_at end)
    every("1s", { name = "slow" }, function() sleep("2500ms") end)
    every("1s", { name = "queued", overlap = "queue", backlog = 2 }, function() sleep("1700ms") end)
    every("2s", { name = "flaky", retry = { max = 2, from = "300ms", factor = 1, jitter = 0 } }, function(run)
      if run.attempt < 3 then error("attempt " .. run.attempt) end
    end)
    every("1s", { name = "limited", times = 3 }, function() end)
    """,
    "b.lua": """
    on("tick", { name = "handler" }, function(e) return e.payload end)
    every("1s", { name = "sender" }, function(run) emit("tick", run.n) end)
    every("2s", { name = "stuck", timeout = "400ms" }, function() while true do end end)
    every("1s", { name = "choosy", when = function(run) return run.n % 2 == 0 end }, function() end)
    every("3s", { name = "promising" }, function() jobs.kept:after("700ms", 1) end)
    job("kept", { run = function(run) return run.args end })
    """,
  ]

  /// The events of each job with their reasons, in order.
  private typealias Decisions = [String: [String]]

  private static func summary(_ event: String, _ reason: String?) -> String {
    // Ids of runs and lengths of time may differ.
    let words = (reason ?? "").split(separator: " ").filter { !$0.contains { $0.isNumber } }
    return ([event] + words.map(String.init)).joined(separator: " ")
  }

  private static let wanted = "run.* | job.added | job.finished"

  private func served() async throws -> (Decisions, start: Timestamp) {
    var configuration = Configuration()
    configuration.timeZone = "UTC"
    configuration.seed = 1
    configuration.texts = Self.scripts.map { (name: $0.key, source: $0.value) }
    configuration.shutdownTimeout = 0.1
    let decisions = Mutex<[(job: String, summary: String, at: Timestamp)]>([])
    let scheduler = try Scheduler(configuration, logger: LogRecorder().logger)
    try scheduler.observe(Self.wanted) { event in
      guard let job = event.payload["job"]?.text else { return }
      let summary = Self.summary(event.name, event.payload["reason"]?.text)
      let now = SystemClock().read().wall
      decisions.withLock { $0.append((job, summary, now)) }
    }
    let start = SystemClock().read().wall
    try scheduler.start()
    // A real sleep, since the test compares the real clock with the virtual one. Other tests may hold the threads, so it
    // may return late.
    try await Task.sleep(nanoseconds: UInt64(Self.seconds * 1e9))
    await scheduler.stop()
    let end = start.advanced(by: Int64(Self.seconds * 1e9))
    var seen: Decisions = [:]
    for (job, summary, at) in decisions.withLock({ $0 }) where at <= end {
      seen[job, default: []].append(summary)
    }
    return (seen, start)
  }

  private func simulated(from start: Timestamp) throws -> Decisions {
    var decisions: Decisions = [:]
    let (simulation, trace) = try Simulation.load(Self.scripts, from: start)
    try simulation.run(for: Self.seconds)
    let pattern = try EventPattern(Self.wanted)
    for entry in trace.entries where pattern.matches(entry.event) {
      guard let job = entry.job else { continue }
      decisions[job, default: []].append(Self.summary(entry.event, entry.reason))
    }
    return decisions
  }

  @Test func `a simulation decides as the host does`() async throws {
    let (real, start) = try await served()
    let virtual = try simulated(from: start)
    #expect(Set(real.keys) == Set(virtual.keys))
    for (job, decisions) in real {
      let simulated = virtual[job] ?? []
      // At the end, one may be ahead of the other by the events of a second.
      let count = min(decisions.count, simulated.count)
      #expect(abs(decisions.count - simulated.count) <= 3, "\(job)")
      #expect(Array(decisions.prefix(count)) == Array(simulated.prefix(count)), "\(job)")
    }
  }
}
