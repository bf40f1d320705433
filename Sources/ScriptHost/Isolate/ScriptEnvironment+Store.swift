import JobStore
import LuaRuntime
import MoonwheelModel

extension ScriptEnvironment {
  /// Reads the store after all earlier writes, on the writer's thread if there is one; then wakes the parked run.
  func query(
    _ park: ParkID, in isolate: ScriptIsolate,
    _ body: @escaping @Sendable (any JobStore) throws(StoreError) -> Value
  ) {
    let account = account(ofScript: isolate.name)
    let answer: @Sendable (any JobStore) -> Void = { store in
      do throws(StoreError) {
        let answer = try body(store)
        // The run may have its next turn much later.
        let hold = account.hold(answer.footprint)
        isolate.wake(park, .values([answer], hold: hold))
      } catch {
        isolate.wake(
          park, .values([.nil, .string(error.description), .string(error.code.rawValue)]))
      }
    }
    if let writer { writer.query(answer) } else { answer(store) }
  }

  /// Counts what an earlier host has kept for scripts, whether or not there is room: nothing stored is lost.
  package func countMemory(of stored: inout StoredState) {
    var scripts: [StoreKey: String] = [:]
    for job in stored.jobs { scripts[job.key] = job.script }
    for index in stored.pendingRuns.indices {
      let pending = stored.pendingRuns[index]
      guard let script = scripts[pending.job] else { continue }
      stored.pendingRuns[index].hold = account(ofScript: script).hold(
        ScriptMemory.promise + pending.payload.footprint)
    }
    for (key, state) in stored.states where state.footprint > 0 {
      guard let script = scripts[key] else { continue }
      stored.holds[key] = account(ofScript: script).hold(state.footprint)
    }
  }
}
