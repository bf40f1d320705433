import MoonwheelModel
import SchedulerCore

/// Makes private isolates, for runs with `isolate = "run"`: the jobs, modules and memory cap of the script at its load.
package final class PrivateIsolateTemplate: Sendable {
  /// The jobs with `isolate = "run"`.
  let handles: Set<JobHandle>
  let registry: JobRegistry
  let modules: ModuleFinder
  let memory: Int?

  /// Nil if no job has `isolate = "run"`.
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

/// The state of the one run of a private isolate.
struct PrivateRun {
  /// The run while the script loads for it; nil once it has begun or was cancelled.
  var waiting: Dispatch?
  var isOver = false
}
