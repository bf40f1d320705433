import MoonwheelModel

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
  /// One of them that computes for long.
  var stuck: Boxed<StuckRun>?
  /// A newer generation, or none, serves the script.
  var isRetired: Bool
  /// The record is of a generation that is not closed.
  var isOpen: Bool
  /// Jobs by ordinal of their handle.
  var places: ContiguousArray<Place?>
}

/// The jobs that a script has now.
struct ScriptRecord {
  var id: ScriptID
  /// Place in the core's table of generations, or -1.
  var generation: Int
  var name: String
  /// Places of its jobs.
  var jobs: NameIndex
  var isPaused: Bool
  /// Promised runs whose job is gone, by the job's name: kept until it comes back.
  var orphans: [String: WaitingRuns]
}
