import BenchmarkSupport
import Moonwheel
import TimerWheel

extension Ours {
  /// What a script of hourly jobs takes to load beyond an empty one, for each of them.
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

  /// The host goes on as long as it is kept.
  private struct Load {
    let host: Host
    let wall: Double
    let time: Double
    let bytes: Double
  }

  private static func load(_ text: String) throws -> Load {
    var configuration = Configuration()
    configuration.texts = [(name: "benchmark.lua", source: text)]
    configuration.loadLimit = 20
    let bytes = Process.residentBytes()
    let start = Process.monotonicTime()
    let used = Process.processorTime()
    let host = try Host(configuration)
    host.scheduler.settle()
    let wall = Double(Process.monotonicTime() - start)
    let time = Double(Process.processorTime() - used)
    let growth = Double(Process.residentBytes() - bytes)
    return Load(host: host, wall: wall, time: time, bytes: growth)
  }

  /// Operations of the wheel alone. Time is virtual, a tick stands for a millisecond, and timers are due within an hour.
  static func wheel(timers: Int, operations: Int) -> Figures {
    let hour: UInt64 = 3_600_000
    let near: UInt64 = 2_000
    var random = Xorshift()
    var wheel = TimerWheel(now: Tick(0), reservingCapacity: timers + 1)
    var ids = (0..<timers).map { place in
      wheel.insert(deadline: Tick(1 + random.below(hour)), payload: UInt64(place))
    }
    let chosen = (0..<operations).map { _ in Int(random.below(UInt64(timers))) }
    let insertCancel = nanoseconds {
      for _ in 0..<operations {
        let id = wheel.insert(deadline: Tick(1 + random.below(hour)), payload: 0)
        _ = wheel.cancel(id)
      }
    }
    let reschedule = nanoseconds {
      for place in chosen {
        let isPending = wheel.reschedule(ids[place], to: Tick(1 + random.below(hour)))
        precondition(isPending, "timer \(place) is lost")
      }
    }
    for id in ids { _ = wheel.reschedule(id, to: Tick(1 + random.below(near))) }
    var now: UInt64 = 0
    var fired = 0
    func advance() {
      now += 1
      while let expired = wheel.popExpired(at: Tick(now)) {
        fired += 1
        ids[Int(expired.payload)] = wheel.insert(
          deadline: Tick(now + 1 + random.below(near)), payload: expired.payload)
      }
    }
    while now < near { advance() }
    fired = 0
    let rearm = nanoseconds { while fired < operations { advance() } }
    return [
      "insert_cancel_ns": insertCancel / Double(operations),
      "reschedule_ns": reschedule / Double(operations), "rearm_ns": rearm / Double(fired),
    ]
  }

  private static func nanoseconds(_ body: () -> Void) -> Double {
    let start = Process.threadTime()
    body()
    return Double(Process.threadTime() - start)
  }
}

/// Marsaglia's: cheap beside what is measured, and the same as on the other side.
private struct Xorshift {
  private var state: UInt64 = 88_172_645_463_325_252

  mutating func below(_ bound: UInt64) -> UInt64 {
    state ^= state &<< 13
    state ^= state &>> 7
    state ^= state &<< 17
    return state % bound
  }
}
