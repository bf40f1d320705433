import LuaRuntime
import MoonwheelModel
import Synchronization
import WorkerPool

/// The pool's threads as Lua knows them: attached when they begin, pressed when a turn lasts too long.
package final class LuaWorkers: Sendable {
  private let workers: Mutex<[LuaWorker?]>
  private let signal: Int32

  package init(count: Int, signal: Int32) {
    workers = Mutex(Array(repeating: nil, count: count))
    self.signal = signal
  }

  /// Throws if turns could not be ended, on the calling thread, before any worker begins.
  package func check() throws(IsolateError) { try LuaWorker.prepare(signal: signal) }

  package var hooks: WorkerPool.Hooks {
    WorkerPool.Hooks(
      began: { [self] in attach($0) },
      ended: { [self] in detach($0) },
      requestPreemption: { [self] worker, now in workers.withLock { $0[worker] }?.press(at: now) })
  }

  /// False without memory: a thread without limits must not run scripts.
  private func attach(_ number: Int) -> Bool {
    do throws(IsolateError) {
      let worker = try LuaWorker(signal: signal)
      workers.withLock { $0[number] = worker }
      return true
    } catch {
      return false
    }
  }

  private func detach(_ number: Int) {
    let worker = workers.withLock { workers in
      defer { workers[number] = nil }
      return workers[number]
    }
    worker?.detach()
  }
}
