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
    case .answering(let traits, let body):
      self.init(name, function.arguments, traits, answering: body)
    }
  }
}

extension FunctionCall {
  /// Make it on the worker of the call.
  init(_ call: HostCall, of function: String) {
    let isolate = call.isolate
    let current = isolate.current
    let details = current?.makeDetails()
    let holder = details?.resources
    let environment = isolate.environment
    let functions = environment.functions
    let script = isolate.name
    let isRun = details != nil && details?.guest == nil
    let run = isRun ? current?.id : nil
    let depth = current?.depth ?? 0
    let keep: @Sendable (RunResource) -> Void = { resource in
      functions.hold(resource)
      holder?.hold(resource)
    }
    self.init(
      CallArguments(call.arguments), script: script, run: run,
      site: CallSite(
        permissions: isolate.permissions, function: function,
        position: isolate.caller()?.position, isLoading: isolate.isLoading,
        job: isRun ? current?.job : nil, run: run, depth: depth,
        denials: isRun ? details?.denials : nil,
        lines: RunLines.Target(
          coroutine: call.coroutine,
          job: isRun ? current.flatMap { isolate.registry[$0.handle]?.name } : nil,
          post: { isolate.post(.lines($0)) })),
      watch: call.watch,
      leave: { (kind, payload) async throws(Refusal) in
        let hold = environment.account(ofScript: script).hold(payload.footprint)
        return try await functions.afterRuns.leave(
          kind, payload, script: script, run: run ?? Run.ID(rawValue: 0), hold: hold, keep)
      },
      keys: { command, answer in
        environment.perform(command, script: script, depth: depth, answer: answer)
      }, keep: keep)
  }
}

extension HostCall {
  /// See ``FunctionCall/watch``.
  fileprivate var watch: (@Sendable (String) -> Void)? {
    guard isolate.isLoading else { return nil }
    return { [unowned isolate] path in isolate.modules.watch(path) }
  }
}

extension HostFunctionTable {
  /// Adds a module whose table each script gets when it first reads the module's name.
  package func add(_ module: HostModule, isSimulated: Bool) {
    addModule(module.name, lua: module.lua, module.hostFunctions(isSimulated: isSimulated))
    afterRuns.add(module.afterRun)
  }
}
