import LuaRuntime
import MoonwheelCore

/// What the runs of a script that have a state of their own (`isolate = "run"`) are made of: what the script had when it was
/// loaded.
final class RunsApart: Sendable {
  /// The jobs that ask for it.
  let handles: Set<JobHandle>
  let registry: JobRegistry
  let modules: ModuleFinder
  let memory: Int?

  /// Nil where no job asks for it.
  init?(_ registrations: [Registration], _ isolate: ScriptIsolate) {
    handles = Set(
      registrations.filter { $0.policy.value.isolatesRuns }.map(\.handle))
    guard !handles.isEmpty else { return nil }
    var modules = isolate.modules
    modules.onChange = nil
    self.modules = modules
    registry = isolate.registry
    memory = isolate.memory
  }
}

/// Where a run stands that has a state of its own.
struct LoneRun {
  /// Not begun: the script is being loaded for it.
  var waiting: Dispatch?
  var isOver = false
}

/// A run with a state of its own: the script is loaded anew for it, and the state goes with its end. Nothing that happens in
/// it touches the script's other runs.
extension ScriptIsolate {
  /// Where a run is to go: here, or to a state of its own. From the timekeeper's seat. Hooks run with the script.
  func place(for dispatch: Dispatch) -> ScriptIsolate {
    guard let apart, !engine.isDry, apart.handles.contains(dispatch.handle),
      dispatch.extras?.content.hook == nil
    else { return self }
    return ScriptIsolate(LoneRun(), of: self, apart: apart)
  }

  func loadAndStart(_ dispatch: Dispatch) {
    lone?.waiting = dispatch
    registry.beginRebinding()
    beginLoad { [unowned self] result in
      guard let dispatch = lone?.waiting else { return }  // cancelled meanwhile
      lone?.waiting = nil
      switch result {
      case .success: start(dispatch)
      case .failure(let error): refuse(dispatch, error)
      }
    }
  }

  private func refuse(_ dispatch: Dispatch, _ error: ScriptError) {
    let run = ActiveRun(dispatch, limits: RunLimits(), now: engine.clock.elapsed)
    let message = "the script could not be loaded for this run: \(error.message)"
    report(run, .failed(RunFailure(message: message, traceback: error.traceback)))
  }

  /// The run that waits for its script to be loaded, if a cancellation hits it.
  func takeWaiting(where isHit: (Dispatch) -> Bool) -> [Dispatch] {
    guard let dispatch = lone?.waiting, isHit(dispatch) else { return [] }
    lone?.waiting = nil
    return [dispatch]
  }
}
