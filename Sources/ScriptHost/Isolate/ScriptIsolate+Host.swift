import LuaRuntime
import MoonwheelModel

/// How the script calls the host, and what the functions of the host ask and tell meanwhile.
extension ScriptIsolate {
  package func call(_ function: Int, _ arguments: HostArguments, coroutine: UInt32) -> HostReply {
    let function = functions[function]
    if current == nil, !function.signature.isUnobserved { current = runInBatch() }
    guard !function.signature.mayPark || current?.request == nil else { return Self.mayNotWait }
    return function.body(
      HostCall(
        isolate: self, arguments: arguments.values, rawLast: arguments.rawLast, coroutine: coroutine))
  }

  package func isCancelled(_ job: UInt32, run: Run.ID) -> Bool {
    job != 0
      && mailbox.hasCancellation { cancellation in
        (cancellation.job.map { $0.cancellationKey == job } ?? true) && cancellation.except != run
      }
  }

  package func repeated(_ callbacks: [CallbackID]) { registry.addAgain(callbacks) }

  /// To be called by a traceless function that has something to tell of the run that calls it after all.
  func observeCall() {
    guard current == nil else { return }
    current = runInBatch()
    isolate?.observeCall()
  }

  /// How long the chain of events is that led to the run on the worker.
  var depth: UInt8 { current?.depth ?? handling?.eventDepth ?? 0 }

  /// Another cap of the state's memory, as the script asked for. A run that has a state of its own has its job's.
  func setMemory(_ bytes: Int) {
    guard privateRun == nil else { return }
    memory = bytes
    isolate?.setMemory(bytes)
  }

  /// Where the script called the host function that is being answered.
  package func caller() -> (position: String, line: Int32)? { isolate?.caller() }

  /// Warns about the line that calls the host function under way, once per line. A load hands its warnings to the
  /// caller with its result; later ones are logged at once. Private isolates load the script again, and stay silent.
  func warn(_ text: String?) {
    guard let text, privateRun == nil else { return }
    guard let message = warnings.add(text, at: caller()?.position ?? name), !isLoading else { return }
    environment.log.warned([message], in: name)
  }

  /// Keeps a registration for the end of the load, or tells the core of a callback's.
  func register(_ registration: Registration) {
    if isLoading {
      registry.collect(registration)
    } else {
      post(.register(script, generation, registration))
    }
  }
}
