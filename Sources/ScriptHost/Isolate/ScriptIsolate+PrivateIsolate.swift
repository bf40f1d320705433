import LuaRuntime
import MoonwheelModel
import SchedulerCore

/// Runs with `isolate = "run"`. The host loads the script again into a private isolate, runs one run there and frees
/// the isolate: the run cannot affect the script's other runs.
extension ScriptIsolate {
  /// The isolate that executes a run: this one, or a new private one. Hooks always run in the script's isolate. A run that
  /// gets no memory for a private one comes here, to fail. The caller holds the core lock.
  package func destination(for dispatch: Dispatch) -> ScriptIsolate {
    guard let privateTemplate, needsPrivateIsolate(dispatch),
      let run = privateTemplate.run(in: memory.account)
    else { return self }
    return ScriptIsolate(run, of: self, privateTemplate: privateTemplate)
  }

  func needsPrivateIsolate(_ dispatch: Dispatch) -> Bool {
    guard let privateTemplate, !environment.isDry else { return false }
    return privateTemplate.handles.contains(dispatch.handle) && dispatch.extras?.content.hook == nil
  }

  /// Ends a run for whose private isolate there is no memory.
  func refusePrivate(_ dispatch: Dispatch) {
    refuse(
      dispatch,
      ScriptError(.memory, script: name, PrivateIsolateTemplate.refusal(memory.account)))
  }

  func loadAndStart(_ dispatch: Dispatch) {
    privateRun?.waiting = dispatch
    registry.beginReattaching()
    beginLoad { [unowned self] result in
      guard let dispatch = privateRun?.waiting else { return }  // it was cancelled
      privateRun?.waiting = nil
      privateRun?.loadHold = .none
      switch result {
      case .success: startHere(dispatch)
      case .failure(let error): refuse(dispatch, error)
      }
    }
  }

  private func refuse(_ dispatch: Dispatch, _ error: ScriptError) {
    let run = LiveRun(dispatch, limits: RunLimits(), now: environment.clock.elapsed)
    let message = "the script could not be loaded for this run: \(error.message)"
    report(run, .failed(RunFailure(message: message, traceback: error.traceback)))
  }

  /// Removes and returns the run that waits for the load of its private isolate, if a cancellation hits it.
  func removeWaiting(where isHit: (Dispatch) -> Bool) -> [Dispatch] {
    guard let dispatch = privateRun?.waiting, isHit(dispatch) else { return [] }
    privateRun?.waiting = nil
    return [dispatch]
  }
}
