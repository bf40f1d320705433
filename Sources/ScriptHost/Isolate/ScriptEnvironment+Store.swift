import JobStore
import LuaRuntime
import MoonwheelModel

extension ScriptEnvironment {
  /// Reads the store for a script that waits, after everything that was stored before; the answer wakes it.
  func query(
    _ park: ParkID, in isolate: ScriptIsolate,
    _ body: @escaping @Sendable (any JobStore) throws(StoreError) -> Value
  ) {
    let answer: @Sendable (any JobStore) -> Void = { store in
      do throws(StoreError) {
        isolate.wake(park, .values([try body(store)]))
      } catch {
        isolate.wake(
          park, .values([.nil, .string(error.description), .string(error.code.rawValue)]))
      }
    }
    if let writer { writer.query(answer) } else { answer(store) }
  }
}
