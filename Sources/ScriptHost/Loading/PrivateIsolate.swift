import MoonwheelModel
import SchedulerCore

/// What the runs of a script that have a state of their own (`isolate = "run"`) are made of: what the script had when it was
/// loaded.
package final class PrivateIsolateTemplate: Sendable {
  /// The jobs that ask for it.
  let handles: Set<JobHandle>
  let registry: JobRegistry
  let modules: ModuleFinder
  let memory: Int?

  /// Nil where no job asks for it.
  init?(
    _ registrations: [Registration], registry: JobRegistry, modules: ModuleFinder, memory: Int?
  ) {
    handles = Set(
      registrations.filter { $0.policy.value.isolatesRuns }.map(\.handle))
    guard !handles.isEmpty else { return nil }
    var modules = modules
    modules.onChange = nil
    self.modules = modules
    self.registry = registry
    self.memory = memory
  }
}

/// Where a run stands that has a state of its own.
struct PrivateRun {
  /// Not begun: the script is being loaded for it.
  var waiting: Dispatch?
  var isOver = false
}
