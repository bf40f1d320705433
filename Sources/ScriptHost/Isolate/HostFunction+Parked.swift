import LuaRuntime
import MoonwheelModel

/// A call whose run waits until somebody answers, once. If the run has ended by then, the answer is left out.
package struct ParkedCall: Sendable {
  private let isolate: ScriptIsolate
  private let park: ParkID
  /// For the arguments, until the answer.
  private let hold: MemoryHold
  /// The length of the chain of events that led to the call.
  private let depth: UInt8

  fileprivate init(_ call: HostCall, _ hold: MemoryHold) {
    isolate = call.isolate
    park = isolate.park(call.coroutine, until: nil)
    depth = isolate.depth
    self.hold = hold
  }

  package func answer(_ values: [Value]) {
    let size = values.reduce(0) { $0 + $1.footprint }
    isolate.wake(park, .values(values, hold: isolate.memory.script.hold(size)))
  }

  /// The script gets `nil, message, code`.
  package func refuse(_ message: String, code: String) {
    isolate.wake(park, .values([.nil, .string(message), .string(code)]))
  }

  /// Does a command on keys, and answers with what `values` makes of its answer, as far as that is not a refusal.
  package func perform(
    _ command: KeyCommand, values: @escaping @Sendable (KeyAnswer) -> [Value]
  ) {
    isolate.environment.perform(command, script: isolate.name, depth: depth) { result in
      switch result {
      case .success(.refused(let refusal)):
        refuse(refusal.message, code: refusal.code.rawValue)
      case .success(let answer): self.answer(values(answer))
      case .failure(let error): refuse(error.description, code: "store")
      }
    }
  }
}

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
