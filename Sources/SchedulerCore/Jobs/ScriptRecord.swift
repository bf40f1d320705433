import MoonwheelModel

/// The place of a generation in ``SchedulerCore/generations``. Another generation gets it when the generation is closed.
struct GenerationIndex: Hashable {
  let rawValue: Int32

  @inline(__always)
  init(_ place: Int) { rawValue = Int32(place) }
}

extension ContiguousArray<GenerationRecord> {
  subscript(index: GenerationIndex) -> GenerationRecord {
    @inline(__always) get { self[Int(index.rawValue)] }
    @inline(__always) _modify { yield &self[Int(index.rawValue)] }
  }
}

/// The jobs of one load of a script, and the runs that still use its isolate.
struct GenerationRecord {
  /// The job of a handle. `reuse` is that of the handle.
  struct HandleEntry {
    var job: JobID
    var reuse: UInt32
  }

  var id: GenerationID
  var script: ScriptID
  /// The number of runs under way in its isolate.
  var active: Int
  /// The run under way that is stuck.
  var stuck: Boxed<StuckRun>?
  /// Of the texts from which it was loaded; nil if it is unknown.
  var version: SourceVersion?
  /// True once a newer generation has replaced it, or its script was unloaded.
  var isRetired: Bool
  /// False once the generation is closed, so that its index can be used again.
  var isOpen: Bool
  /// The jobs by the index of their handle.
  var handles: ContiguousArray<HandleEntry?>
}

/// The jobs that a script has now.
struct ScriptRecord {
  var id: ScriptID
  /// Nil if the script is not loaded.
  var generation: GenerationIndex?
  var name: String
  /// The indices of its jobs, by name.
  var jobs: NameIndex
  var isPaused: Bool
  /// Pending runs whose job was removed, by the job's name. They wait until a job has the name again.
  var orphans: [String: WaitingRuns]
}
