import LuaRuntime
import MoonwheelModel
import SchedulerCore

/// Makes private isolates, for runs with `isolate = "run"`: the jobs, modules and memory cap of the script at its load.
package final class PrivateIsolateTemplate: Sendable {
  /// The jobs with `isolate = "run"`.
  let handles: Set<JobHandle>
  let registry: JobRegistry
  let modules: ModuleFinder
  let memory: Int?
  /// Bytes of the Lua heap at the end of the load.
  private let loaded: Int

  /// Nil if no job has `isolate = "run"`. Otherwise the script may hold as much memory as the job that asks for most.
  /// `loaded` is the size of the Lua heap at the end of the load, in bytes.
  init?(
    _ registrations: [Registration], registry: JobRegistry, modules: ModuleFinder,
    memory: ScriptMemory, loaded: Int
  ) {
    let registrations = registrations.filter { $0.policy.value.isolatesRuns }
    handles = Set(registrations.map(\.handle))
    guard !handles.isEmpty else { return nil }
    self.modules = modules.withoutObserver
    self.registry = registry
    self.memory = memory.cap
    self.loaded = loaded
    memory.makeRoom(forPrivate: registrations.compactMap(\.policy.value.memory).max() ?? 0)
  }

  /// A run with a Lua state of its own; nil without memory for another state. The states that run take from the memory of
  /// the script together with all else; a new one must leave a quarter of it to them.
  func run(in account: MemoryAccount) -> PrivateRun? {
    let ours = Self.isolate + registry.count * Self.job
    let room = account.cap - account.cap / 4 - account.kept - account.states
    guard room >= ours + loaded || account.states == 0 else { return nil }
    return PrivateRun(hold: account.hold(ours), loadHold: account.hold(loaded))
  }

  /// About what an isolate takes outside of Lua, and for each job: it has a registry of its own.
  private static let isolate = 12 << 10
  private static let job = 260

  /// The failure of a run that gets no state.
  static func refusal(_ account: MemoryAccount) -> String {
    let (states, kept) = (MemorySize.rounded(account.states), MemorySize.rounded(account.kept))
    return
      "not enough memory for another Lua state (isolate = \"run\"): those of this script hold \(states), and the host keeps \(kept) for it, of \(MemorySize.text(account.cap)); give it more with defaults { memory = ... }, or lower max_instances"
  }
}

/// The state of the one run of a private isolate.
struct PrivateRun {
  /// The run while the script loads for it; nil once it has begun or was cancelled.
  var waiting: Dispatch?
  var isOver = false
  /// For the isolate.
  let hold: MemoryHold
  /// For its Lua state, until it has one.
  var loadHold: MemoryHold
}
