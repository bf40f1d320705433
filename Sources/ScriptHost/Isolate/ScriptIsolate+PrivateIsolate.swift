import LuaRuntime
import MoonwheelModel
import SchedulerCore

/// A run with a state of its own: the script is loaded anew for it, and the state goes with its end. Nothing that happens in
/// it touches the script's other runs.
extension ScriptIsolate {
  /// Where a run is to go: here, or to a state of its own. From the timekeeper's seat. Hooks run with the script.
  package func place(for dispatch: Dispatch) -> ScriptIsolate {
    guard let privateTemplate, !environment.isDry, privateTemplate.handles.contains(dispatch.handle),
      dispatch.extras?.content.hook == nil
    else { return self }
    return ScriptIsolate(PrivateRun(), of: self, privateTemplate: privateTemplate)
  }

  func loadAndStart(_ dispatch: Dispatch) {
    privateRun?.waiting = dispatch
    registry.beginRebinding()
    beginLoad { [unowned self] result in
      guard let dispatch = privateRun?.waiting else { return }  // cancelled meanwhile
      privateRun?.waiting = nil
      switch result {
      case .success: start(dispatch)
      case .failure(let error): refuse(dispatch, error)
      }
    }
  }

  private func refuse(_ dispatch: Dispatch, _ error: ScriptError) {
    let run = ActiveRun(dispatch, limits: RunLimits(), now: environment.clock.elapsed)
    let message = "the script could not be loaded for this run: \(error.message)"
    report(run, .failed(RunFailure(message: message, traceback: error.traceback)))
  }

  /// The run that waits for its script to be loaded, if a cancellation hits it.
  func takeWaiting(where isHit: (Dispatch) -> Bool) -> [Dispatch] {
    guard let dispatch = privateRun?.waiting, isHit(dispatch) else { return [] }
    privateRun?.waiting = nil
    return [dispatch]
  }
}
