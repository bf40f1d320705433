import Synchronization
import WorkerPool

/// A thread that owns a world of virtual time, and calls closures with it one after the other.
final class SimulationThread<World>: Sendable {
  private struct State: Sendable {
    var work: [@Sendable (World) -> Void] = []
    var isStopping = false
  }

  private let state = Condition(State())
  /// Enough for 200 nested C calls in Lua.
  private static var stackSize: Int { 2 << 20 }

  /// Starts the thread, makes the world on it, and ends it there. Throws the error of `make`.
  init(
    _ make: @escaping @Sendable () throws -> World, end: @escaping @Sendable (World) -> Void
  ) throws {
    let made = Condition<Result<Void, any Error>?>(nil)
    let state = state
    _ = try OSThread(name: "mw-simulation", stackSize: Self.stackSize) {
      let world = Result { try make() }
      made.withLock { $0 = world.map { _ in } }
      made.signal()
      guard case .success(let world) = world else { return }
      Self.serve(world, state)
      end(world)
    }
    try made.wait { $0 }.get()
  }

  private static func serve(_ world: World, _ state: Condition<State>) {
    while true {
      let work = state.wait { (state) -> [@Sendable (World) -> Void]? in
        guard !state.work.isEmpty else { return state.isStopping ? [] : nil }
        defer { state.work = [] }
        return state.work
      }
      guard !work.isEmpty else { return }
      for body in work { body(world) }
    }
  }

  /// Calls the body on the thread, and returns its result.
  func perform<T: Sendable>(_ body: @escaping @Sendable (World) throws -> T) throws -> T {
    let outcome = Condition<Result<T, any Error>?>(nil)
    state.withLock { state in
      state.work.append { world in
        let result = Result { try body(world) }
        outcome.withLock { $0 = result }
        outcome.signal()
      }
    }
    state.signal()
    return try outcome.wait { $0 }.get()
  }

  /// Ends the thread after the closures that wait. Returns at once.
  func stop() {
    state.withLock { $0.isStopping = true }
    state.signal()
  }
}
