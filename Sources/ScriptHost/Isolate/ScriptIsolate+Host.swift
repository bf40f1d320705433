import LuaRuntime
import MoonwheelModel

/// Calls from the script to the host, and what host functions need of the isolate.
extension ScriptIsolate {
  package func call(_ function: Int, _ arguments: HostArguments, coroutine: UInt32) -> HostReply {
    let function = functions[function]
    if current == nil, !function.signature.isUnobserved { current = runInBatch() }
    guard !function.signature.mayPark || current?.request == nil else { return Self.mayNotWait }
    return function.body(
      HostCall(
        isolate: self, arguments: arguments.values, rawLast: arguments.rawLast, coroutine: coroutine
      ))
  }

  package func isCancelled(_ cancellationKey: UInt32, run: Run.ID) -> Bool {
    cancellationKey != 0
      && mailbox.hasCancellation { cancellation in
        (cancellation.job.map { $0.cancellationKey == cancellationKey } ?? true)
          && cancellation.hits(run)
      }
  }

  package func registeredInBulk(_ callbacks: [CallbackID]) {
    registry.addAgain(callbacks)
    memory.setJobs(registry.bytes)
  }

  /// An unobserved host function calls this before it needs ``current``, e.g. to log.
  func observeCall() {
    guard current == nil else { return }
    current = runInBatch()
    isolate?.observeCall()
  }

  /// Begins a wait of the current run. It ends by ``wake(_:_:)``, with `.timeout` at the deadline, or at the limit of
  /// the run.
  package func park(_ coroutine: UInt32, until deadline: Int64?) -> ParkID {
    let park = makePark(of: coroutine)
    pendingPark = (park, deadline)
    let limit = current?.waitLimit(
      wasInterrupted: wasInterrupted(coroutine), now: environment.clock.elapsed)
    let wakesAt = min(deadline ?? .max, limit ?? .max)
    guard wakesAt != .max else { return park }
    if environment.inbox.park(park, until: wakesAt) { flushSoon() }
    countPosted()
    return park
  }

  /// The length of the chain of events that led to the current run.
  var depth: UInt8 { currentDispatch?.eventDepth ?? 0 }

  /// Changes the memory cap as the script asks. No effect in a private isolate, which has the cap of its job.
  func setMemory(_ bytes: Int) {
    guard privateRun == nil else { return }
    memory.setCap(bytes)
    isolate?.setMemory(bytes)
  }

  /// Counts bytes for the script, for a function that an embedder has registered; nil without room.
  package func holdMemory(_ bytes: Int) -> MemoryHold? { memory.hold(bytes, isolate) }

  /// Sets the options of the jobs that are registered from now on.
  func setDefaults(_ defaults: Options) throws(Mistake) {
    memory.defaults = try memory.holdOption(defaults.footprint, isolate)
    registry.defaults = defaults
  }

  /// The position in the script of the current host call.
  package func caller() -> (position: String, line: Int32)? { isolate?.caller() }

  /// Warns about the line of the current host call, once per line. A load returns its warnings with its result; after
  /// the load, a warning is logged at once. No effect in a private isolate, whose load repeats the script's first load.
  func warn(_ text: String?) {
    guard let text, privateRun == nil, !warnings.isFull else { return }
    guard let message = warnings.add(text, at: caller()?.position ?? name), !isLoading else {
      return
    }
    // A simulation shows what scripts do, not how they are spelt.
    if !environment.isSimulated { environment.log.warned([message], in: name) }
  }

  /// Collects a registration until the end of the load; after the load, posts it to the core.
  func register(_ registration: Registration) {
    if isLoading {
      registry.collect(registration)
    } else {
      post(.register(script, generation, registration))
    }
  }
}
