import LuaRuntime
import MoonwheelModel

extension HostFunction {
  /// A Swift function that parks its run, see ``ModuleFunction/parking(_:_:_:)``.
  init(
    _ name: String, _ arguments: [String],
    parkingCall body: @escaping @Sendable (FunctionCall) throws -> @Sendable (ParkedCall) -> Void
  ) {
    self.init(HostFunctionSignature(name, arguments, mayPark: true)) { call in
      guard !call.isolate.isLoading else {
        return .raise("\(name) waits, and cannot be called while the script loads")
      }
      let begin: @Sendable (ParkedCall) -> Void
      do {
        begin = try body(FunctionCall(call, of: name))
      } catch let refusal as Refusal {
        return .refuse(refusal.message, code: refusal.code)
      } catch {
        return .raise("\(error)")
      }
      let size = call.arguments.reduce(256) { $0 + $1.footprint }
      guard let hold = call.isolate.holdMemory(size) else { return .raise("not enough memory") }
      begin(ParkedCall(call, hold))
      return .park
    }
  }
}

extension ParkedCall {
  /// Parks the run. `hold` counts the memory of the arguments until the answer.
  fileprivate init(_ call: HostCall, _ hold: MemoryHold) {
    let isolate = call.isolate
    let (account, depth) = (isolate.memory.script, isolate.depth)
    let park = isolate.park(call.coroutine, until: nil)
    self.init(
      wake: { values in
        let size = values.reduce(0) { $0 + $1.footprint }
        isolate.wake(park, .values(values, hold: account.hold(size)))
        withExtendedLifetime(hold) {}
      },
      command: { command, answer in
        isolate.environment.perform(
          command, script: isolate.name, depth: depth, answer: answer)
      })
  }
}
