import TimerWheel
import Triggers

/// A job as the core keeps it.
struct JobRecord {
  var reuse: UInt32
  var script: ScriptID
  /// Place in the core's table of generations.
  var generation: Int
  var handle: JobHandle
  var callback: CallbackID
  var name: String
  var trigger: JobTrigger
  var policy: SharedPolicy
  var isDynamic: Bool
  var state: JobStatus.State
  /// When the job was first registered, in elapsed nanoseconds for triggers on elapsed time, else in wall nanoseconds.
  var anchor: Int64
  /// The nominal instant of the next fire, on the trigger's own clock; meaningful while `timer` is set.
  var due: Int64
  var timer: TimerID
  var runs: Int64
  var running: Int32
  /// Wall time; the minimum is never.
  var lastStarted: Timestamp
  var waiting: WaitingRuns?

  /// Whether the trigger goes by wall time.
  var isOnWallTime: Bool {
    if case .time(.calendar) = trigger { true } else { false }
  }

  /// How many runs may be under way at once.
  var instanceLimit: Int {
    policy.value.overlap == .allow ? policy.value.maxInstances : 1
  }
}

/// The jobs of one load, and how much of it is still in use.
struct GenerationRecord {
  struct Place {
    var job: JobID
    var reuse: UInt32
  }

  var id: GenerationID
  var script: ScriptID
  /// Runs under way in its isolate.
  var active: Int
  /// A newer generation, or none, serves the script.
  var isRetired: Bool
  /// Jobs by ordinal of their handle.
  var places: ContiguousArray<Place?>
}

/// The jobs that a script has now.
struct ScriptRecord {
  var id: ScriptID
  var generation: Int
  var jobs: [String: JobID]
  var isPaused: Bool
  /// Promised runs whose job is gone, by the job's name: kept until it comes back.
  var orphans: [String: WaitingRuns]
}
