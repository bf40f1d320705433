/// A run that has computed for a long time without waiting.
public struct StuckRun: Sendable {
  public var generation: GenerationID
  public var job: JobID
  public var run: Run.ID
  /// The processor time since its last wait, in nanoseconds.
  public var processorTime: Int64
  /// The Lua stack of the run.
  public var traceback: String
  /// True if the script's other runs cannot begin meanwhile. False for a run in a private isolate.
  public var holdsUpScript: Bool

  public init(
    generation: GenerationID, job: JobID, run: Run.ID, processorTime: Int64, traceback: String,
    holdsUpScript: Bool
  ) {
    self.holdsUpScript = holdsUpScript
    self.generation = generation
    self.job = job
    self.run = run
    self.processorTime = processorTime
    self.traceback = traceback
  }
}
