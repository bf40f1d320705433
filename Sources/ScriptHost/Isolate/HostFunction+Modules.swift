import LuaRuntime
import MoonwheelModel

extension HostModule {
  /// What scripts call. A simulation reaches nothing outside: there a function without a twin is refused until a test
  /// mocks it.
  package func hostFunctions(isSimulated: Bool) -> [HostFunction] {
    functions.map { function in
      let name = "\(name).\(function.name)"
      guard isSimulated else { return HostFunction(name, function) }
      guard let twin = simulated.first(where: { $0.name == function.name }) else {
        return HostFunction(HostFunctionSignature(name, function.arguments)) { _ in
          .refuse("\(name) is not mocked: sim:mock(\"\(name)\", ...)", code: "simulated")
        }
      }
      return HostFunction(name, twin)
    }
  }
}

extension HostFunction {
  fileprivate init(_ name: String, _ function: ModuleFunction) {
    switch function.body {
    case .direct(let body): self.init(name, function.arguments, callingWithCall: body)
    case .waiting(let body): self.init(name, function.arguments, awaitingCall: body)
    }
  }
}

extension FunctionCall {
  /// Make it on the worker of the call.
  init(_ call: HostCall) {
    let current = call.isolate.current
    let holder = current?.makeDetails().resources
    let environment = call.isolate.environment
    let functions = environment.functions
    let script = call.isolate.name
    let run = current.flatMap { $0.guest == nil ? $0.id : nil }
    let keep: @Sendable (RunResource) -> Void = { resource in
      functions.hold(resource)
      holder?.hold(resource)
    }
    self.init(
      CallArguments(call.arguments), script: script, run: run,
      leave: { (kind, payload) async throws(Refusal) in
        let hold = environment.account(ofScript: script).hold(payload.footprint)
        return try await functions.afterRuns.leave(
          kind, payload, script: script, run: run ?? Run.ID(rawValue: 0), hold: hold, keep)
      }, keep: keep)
  }
}
