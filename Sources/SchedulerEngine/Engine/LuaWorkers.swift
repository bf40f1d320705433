import LuaRuntime
import MoonwheelModel
import Synchronization
import WorkerPool

/// The pool's threads in the Lua runtime: each attaches itself when it begins, and is asked for preemption when a turn
/// lasts too long.
package final class LuaWorkers: Sendable {
  private let workers: Mutex<[LuaWorker?]>
  private let signal: Int32

  package init(count: Int, signal: Int32) {
    workers = Mutex(Array(repeating: nil, count: count))
    self.signal = signal
  }

  /// Throws if the runtime cannot preempt turns. Call it before any worker begins.
  package func check() throws(IsolateError) { try LuaWorker.prepare(signal: signal) }

  package var hooks: WorkerPool.Hooks {
    WorkerPool.Hooks(
      began: { [self] in attach($0) },
      ended: { [self] in detach($0) },
      requestPreemption: { [self] worker, now in
        workers.withLock { $0[worker] }?.requestPreemption(at: now)
      })
  }

  /// False if memory runs out; the thread then must not run scripts, since nothing could preempt them.
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
