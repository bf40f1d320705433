import SchedulerEngine
import ScriptHost
import Synchronization
import WorkerPool

/// Gives the isolates of a simulation their turns: one after the other, on one thread, in the order of dispatch.
final class SimulatedTurns: Sendable {
  private struct Wake {
    var at: Int64
    var isolate: any PoolMember
  }

  let queue: StepQueue
  let budget: RealTimeBudget
  let meter: InstructionMeter
  private let wakes: Wakes

  /// Isolates that compute, with the elapsed times at which they continue. There are few.
  private final class Wakes: Sendable {
    let list = Mutex<[Wake]>([])
  }

  /// Call it on the thread that gives the turns.
  init(_ configuration: Configuration, _ budget: RealTimeBudget) throws {
    self.budget = budget
    let workers = LuaWorkers(count: 1, signal: configuration.preemptionSignal)
    try workers.check()
    queue = try StepQueue(hooks: workers.hooks)
    let wakes = Wakes()
    self.wakes = wakes
    meter = InstructionMeter(realEnd: budget.end) { isolate, at in
      wakes.list.withLock { $0.append(Wake(at: at, isolate: isolate)) }
    }
  }

  /// Gives turns until no isolate waits for one, or the budget is spent. Returns whether none waits.
  @discardableResult
  func runAll() -> Bool { queue.runAll(until: budget.end) }

  /// The script that has taken at least a quarter of the budget, if there is one.
  var busiestScript: String? {
    guard let (member, nanoseconds) = queue.busiest,
      nanoseconds >= budget.length.clampedNanoseconds / 4
    else { return nil }
    return (member as? ScriptIsolate)?.name
  }

  /// The elapsed time at which the next isolate continues.
  var nextWake: Int64? { wakes.list.withLock { $0.map(\.at).min() } }

  /// Gives a turn to the isolates that continue by this elapsed time.
  func wake(at now: Int64) {
    let due = wakes.list.withLock { wakes in
      defer { wakes.removeAll { $0.at <= now } }
      return wakes.filter { $0.at <= now }
    }
    for wake in due { queue.notify(wake.isolate) }
  }

  func forgetWakes() { wakes.list.withLock { $0 = [] } }
}
