import Synchronization
import WorkerPool

/// A thread that owns a world of virtual time, and calls closures with it one after the other.
final class SimulationThread<World>: Sendable {
  /// What the thread does next; nil ends it.
  private let work = Condition<[(@Sendable (World) -> Void)?]>([])
  private let thread: OSThread
  /// Enough for 200 nested C calls in Lua.
  private static var stackSize: Int { 2 << 20 }

  /// Starts the thread, makes the world on it, and ends it there. Throws the error of `make`.
  init(
    _ make: @escaping @Sendable () throws -> World, end: @escaping @Sendable (World) -> Void
  ) throws {
    let made = Condition<Result<Void, any Error>?>(nil)
    let work = work
    thread = try OSThread(name: "mw-simulation", stackSize: Self.stackSize) {
      let world = Result { try make() }
      made.withLock { $0 = world.map { _ in } }
      made.signal()
      guard case .success(let world) = world else { return }
      while let body = work.wait(for: { $0.isEmpty ? nil : .some($0.removeFirst()) }) {
        body(world)
      }
      end(world)
    }
    try made.wait { $0 }.get()
  }

  /// Calls the body on the thread, and returns its result.
  func perform<T: Sendable>(_ body: @escaping @Sendable (World) throws -> T) throws -> T {
    let outcome = Condition<Result<T, any Error>?>(nil)
    work.withLock { work in
      work.append { world in
        let result = Result { try body(world) }
        outcome.withLock { $0 = result }
        outcome.signal()
      }
    }
    work.signal()
    return try outcome.wait { $0 }.get()
  }

  /// Ends the thread after the closures that wait, and waits for its end: a process that exits meanwhile would free the
  /// world in two threads. Only a call on the thread itself returns before.
  func stop() {
    work.withLock { $0.append(nil) }
    work.signal()
    if !thread.isCurrent { thread.join() }
  }
}
