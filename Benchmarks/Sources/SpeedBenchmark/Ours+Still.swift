import BenchmarkSupport
import Moonwheel
import TimerWheel

extension Ours {
  /// The cost of loading a script of hourly jobs, compared with an empty script, for each job.
  static func register(jobs: Int) throws -> Figures {
    let text = """
      for _ = 1, \(jobs) do
        local n = 0
        every("1h", function() n = n + 1 end)
      end
      """
    let hosts = (try load(""), try load(""), try load(text))
    let (empty, full) = (hosts.1, hosts.2)
    let count = Double(jobs)
    defer { withExtendedLifetime(hosts) {} }
    return [
      "jobs": count, "wall_us": (full.wall - empty.wall) / 1e3 / count,
      "cpu_us": (full.time - empty.time) / 1e3 / count, "bytes": (full.bytes - empty.bytes) / count,
    ]
  }

  /// The host runs as long as the caller keeps it.
  private struct Load {
    let host: Host
    let wall: Double
    let time: Double
    let bytes: Double
  }

  private static func load(_ text: String) throws -> Load {
    var configuration = Configuration()
    configuration.texts = [(name: "benchmark.lua", source: text)]
    configuration.loadLimit = .seconds(20)
    let bytes = Process.residentBytes()
    let start = Process.monotonicTime()
    let used = Process.processorTime()
    let host = try Host(configuration)
    host.scheduler.waitUntilIdle()
    let wall = Double(Process.monotonicTime() - start)
    let time = Double(Process.processorTime() - used)
    let growth = Double(Process.residentBytes() - bytes)
    return Load(host: host, wall: wall, time: time, bytes: growth)
  }

  static func wheel(timers: Int, operations: Int) -> Figures {
    var wheel = WheelAlone(timers: timers)
    // The caller keeps the ids to reschedule timers, as the limit keeps pointers.
    let chosen = (0..<operations).map { _ in wheel.anyTimer() }
    let insertCancel = nanoseconds { for _ in 0..<operations { wheel.insertAndCancel() } }
    let reschedule = nanoseconds { for timer in chosen { wheel.reschedule(timer) } }
    wheel.settleNear()
    let before = wheel.fired
    let rearm = nanoseconds { while wheel.fired < before + operations { wheel.advance() } }
    return [
      "insert_cancel_ns": insertCancel / Double(operations),
      "reschedule_ns": reschedule / Double(operations),
      "rearm_ns": rearm / Double(wheel.fired - before),
    ]
  }

  private static func nanoseconds(_ body: () -> Void) -> Double {
    let start = Process.threadTime()
    body()
    return Double(Process.threadTime() - start)
  }
}

/// Operations of the wheel alone. Time is virtual, a tick stands for a millisecond, and timers are due within an hour.
///
/// A struct, not a closure: the runtime would check a closure's captured variables at each access.
private struct WheelAlone: ~Copyable {
  private static let hour: UInt64 = 3_600_000
  private static let near: UInt64 = 2_000

  private var wheel: TimerWheel
  private var ids: [TimerID] = []
  private var random = Xorshift()
  private var now: UInt64 = 0
  private(set) var fired = 0

  init(timers: Int) {
    wheel = TimerWheel(now: Tick(0), reservingCapacity: timers + 1)
    for timer in 0..<timers {
      ids.append(
        wheel.insert(deadline: Tick(1 + random.below(Self.hour)), payload: UInt64(timer)))
    }
  }

  mutating func anyTimer() -> TimerID { ids[Int(random.below(UInt64(ids.count)))] }

  mutating func insertAndCancel() {
    let id = wheel.insert(deadline: Tick(1 + random.below(Self.hour)), payload: 0)
    _ = wheel.cancel(id)
  }

  mutating func reschedule(_ timer: TimerID) {
    let isPending = wheel.reschedule(timer, to: Tick(1 + random.below(Self.hour)))
    precondition(isPending, "a timer is lost")
  }

  /// Prepares timers that are all due soon, and lets each fire some times.
  mutating func settleNear() {
    for id in ids { _ = wheel.reschedule(id, to: Tick(1 + random.below(Self.near))) }
    while now < Self.near { advance() }
  }

  /// Advances by one tick, and arms the due timers again.
  mutating func advance() {
    now += 1
    while let expired = wheel.popExpired(at: Tick(now)) {
      fired += 1
      ids[Int(expired.payload)] = wheel.insert(
        deadline: Tick(now + 1 + random.below(Self.near)), payload: expired.payload)
    }
  }
}

/// Marsaglia's xorshift: cheap compared with the measured operations, and also used by the limit.
private struct Xorshift {
  private var state: UInt64 = 88_172_645_463_325_252

  mutating func below(_ bound: UInt64) -> UInt64 {
    state ^= state &<< 13
    state ^= state &>> 7
    state ^= state &<< 17
    return state % bound
  }
}
