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
  let meter: InstructionMeter
  private let wakes: Wakes

  /// Isolates that compute, with the elapsed times at which they continue. There are few.
  private final class Wakes: Sendable {
    let list = Mutex<[Wake]>([])
  }

  /// Call it on the thread that gives the turns.
  init(_ configuration: Configuration) throws {
    let workers = LuaWorkers(count: 1, signal: configuration.preemptionSignal)
    try workers.check()
    queue = try StepQueue(hooks: workers.hooks)
    let wakes = Wakes()
    self.wakes = wakes
    meter = InstructionMeter { isolate, at in
      wakes.list.withLock { $0.append(Wake(at: at, isolate: isolate)) }
    }
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
