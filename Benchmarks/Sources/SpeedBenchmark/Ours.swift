import BenchmarkSupport
import Moonwheel
import Synchronization

/// Moonwheel's side of each measurement, through the public library: one round, in a process of its own.
enum Ours {
  /// The measurement of that name with these sizes.
  static func measure(_ name: String, _ sizes: [Int]) async throws -> Figures {
    switch name {
    case "max": try await ahead(jobs: sizes[0], fires: sizes[1], body: count)
    case "park": try await ahead(jobs: sizes[0], fires: sizes[1], body: pause)
    case "burst": try await burst(jobs: sizes[0])
    case "second": try await second(jobs: sizes[0], seconds: sizes[1])
    case "event": try await event(chains: sizes[0], rounds: sizes[1])
    default: preconditionFailure("there is no measurement \"\(name)\"")
    }
  }

  private static let count = "function() runs = runs + 1 end"
  private static let pause = "function() runs = runs + 1 sleep('10ms') back = back + 1 end"

  /// Jobs that are always due: time runs ahead of the machine's, about 500 fires a step.
  private static func ahead(jobs: Int, fires: Int, body: String) async throws -> Figures {
    let period: Int64 = 100_000_000
    let step = max(SteppedHost.tick, period * 500 / Int64(jobs))
    let stepped = try await SteppedHost(jobs: jobs, period: period, marker: step, body: body)
    let figures = try await stepped.runAhead(
      by: fires / jobs + 1, of: period, jobs: jobs, step: step, parks: body == pause)
    await stepped.stop()
    return figures
  }

  /// One-shots that are due at one instant: until the last has begun.
  private static func burst(jobs: Int) async throws -> Figures {
    let clock = SteppedClock()
    var configuration = Configuration()
    configuration.texts = [
      (
        name: "benchmark.lua",
        source: """
        local due, runs = now() + 10, 0
        for _ = 1, \(jobs) do
          after("10s", function()
            runs = runs + 1
            if runs == \(jobs) then report("drained", (now() - due) * 1000) end
          end)
        end
        """
      )
    ]
    configuration.loadLimit = 10
    let host = try Host(configuration, clock: clock)
    host.scheduler.settle()
    clock.step(by: 9_700_000_000)
    let used = Process.processorTime()
    clock.followMachine()
    let drained = await host.next("drained")[0]
    host.scheduler.settle()
    let time = Double(Process.processorTime() - used)
    await host.stop()
    return [
      "fires": Double(jobs), "due": Double(jobs), "drain_ms": drained,
      "cpu_ns": time / Double(jobs),
    ]
  }

  /// Jobs that are each due every second, by the machine's clock. Some tell how late they are; the others are empty.
  private static func second(jobs: Int, seconds: Int) async throws -> Figures {
    let lateness = Lateness()
    let sample = max(1, jobs / 1_000)
    let stepped = try await SteppedHost(
      jobs: jobs, period: 1_000_000_000,
      body: "i % \(sample) == 0 and function(run) runs = runs + 1 late(run.late) end or \(count)"
    ) { try $0.register("late") { lateness.add($0[0]) } }
    let host = stepped.host
    lateness.clear()
    let before = try await host.ask("ask", for: "runs")[0]
    let start = Process.monotonicTime()
    let used = Process.processorTime()
    stepped.clock.followMachine()
    Process.sleep(seconds: Double(seconds))
    let time = Double(Process.processorTime() - used)
    let wall = Double(Process.monotonicTime() - start)
    let fires = try await host.ask("ask", for: "runs")[0] - before
    await host.stop()
    var figures = lateness.figures
    figures["fires"] = fires
    figures["due"] = Double(jobs) * wall / 1e9
    figures["cpu_ns"] = time / fires
    return figures
  }

  /// Events with a payload of five fields, from one script to another and back, in so many chains at once.
  private static func event(chains: Int, rounds: Int) async throws -> Figures {
    let length = 100
    var configuration = Configuration()
    configuration.eventDepth = 250
    configuration.texts = [
      (
        name: "asks.lua",
        source: """
        local left
        local function ask(n)
          emit("ping", { id = n, name = "order", price = 9.5, paid = true, note = "in time" })
        end
        on("go", function()
          left = \(chains * length)
          for n = 1, \(chains) do ask(n) end
        end)
        on("pong", function(event)
          left = left - 1
          if left == 0 then report("over") elseif left >= \(chains) then ask(event.payload.id) end
        end)
        """
      ),
      (
        name: "answers.lua",
        source: """
        on("ping", function(event)
          local order = event.payload
          emit("pong", { id = order.id, name = order.name, price = order.price, paid = order.paid, note = order.note })
        end)
        """
      ),
    ]
    let host = try Host(configuration)
    _ = try await host.ask("go", for: "over")
    let times = max(1, rounds / (chains * length))
    let used = Process.processorTime()
    let start = Process.monotonicTime()
    for _ in 0..<times { _ = try await host.ask("go", for: "over") }
    let trips = Double(times * chains * length)
    let time = Double(Process.processorTime() - used)
    let wall = Double(Process.monotonicTime() - start)
    await host.stop()
    return ["trips": trips, "cpu_us": time / trips / 1e3, "wall_us": wall / trips / 1e3]
  }
}

/// How late runs began, as they tell.
final class Lateness: Sendable {
  private let seconds = Mutex<[Double]>([])

  func clear() { seconds.withLock { $0 = [] } }

  func add(_ value: Value) -> Value {
    if case .number(let late) = value { seconds.withLock { $0.append(late) } }
    return .nil
  }

  var figures: Figures {
    let micros = seconds.withLock { $0.map { $0 * 1e6 } }
    precondition(!micros.isEmpty, "no run told how late it was")
    return [
      "told": Double(micros.count), "p50_us": quantile(micros, 0.5),
      "p99_us": quantile(micros, 0.99), "p999_us": quantile(micros, 0.999),
    ]
  }
}
