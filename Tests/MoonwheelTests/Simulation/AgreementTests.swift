import Glibc
import Moonwheel
import MoonwheelSimulation
import MoonwheelTesting
import Synchronization
import Testing

/// A folder served for real, by the machine's clocks, and the same folder simulated from the same instant.
@Suite struct AgreementTests {
  /// Seconds that it is served for; MOONWHEEL_AGREEMENT has it longer.
  private static let seconds: Double = {
    guard let text = unsafe getenv("MOONWHEEL_AGREEMENT") else { return 8 }
    return unsafe Double(String(cString: text)) ?? 8
  }()

  private static let scripts: KeyValuePairs = [
    "a.lua": """
    every("1s", { name = "plain" }, function() end)
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

  /// What was decided for each job, in order: kinds and reasons.
  private typealias Decisions = [String: [String]]

  private static func told(_ event: String, _ reason: String?) -> String {
    // Whose id is in it, or how late, is another matter.
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
    let decisions = Mutex<[(job: String, told: String, at: Timestamp)]>([])
    let scheduler = try Scheduler(configuration, logger: LogRecorder().logger)
    try scheduler.observe(Self.wanted) { event in
      guard let job = event.payload["job"]?.text else { return }
      let told = Self.told(event.name, event.payload["reason"]?.text)
      let now = SystemClock().read().wall
      decisions.withLock { $0.append((job, told, now)) }
    }
    let start = SystemClock().read().wall
    try scheduler.start()
    // May be woken late, since other tests hold the threads.
    try await Task.sleep(nanoseconds: UInt64(Self.seconds * 1e9))
    await scheduler.stop()
    let end = start.advanced(by: Int64(Self.seconds * 1e9))
    var seen: Decisions = [:]
    for (job, told, at) in decisions.withLock({ $0 }) where at <= end {
      seen[job, default: []].append(told)
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
      decisions[job, default: []].append(Self.told(entry.event, entry.reason))
    }
    return decisions
  }

  @Test func `a simulation decides as the host does`() async throws {
    let (real, start) = try await served()
    let virtual = try simulated(from: start)
    #expect(Set(real.keys) == Set(virtual.keys))
    for (job, decisions) in real {
      let foreseen = virtual[job] ?? []
      // Where the time was cut, one may be ahead of the other by what happens within a second.
      let count = min(decisions.count, foreseen.count)
      #expect(abs(decisions.count - foreseen.count) <= 3, "\(job)")
      #expect(Array(decisions.prefix(count)) == Array(foreseen.prefix(count)), "\(job)")
    }
  }
}
