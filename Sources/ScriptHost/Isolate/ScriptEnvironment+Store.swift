import JobStore
import LuaRuntime
import MoonwheelModel

extension ScriptEnvironment {
  /// Reads the store after all earlier writes, on the writer's thread if there is one; then wakes the parked run.
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
