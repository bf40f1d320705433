
/// A run that has computed for long without waiting.
public struct StuckRun: Sendable {
  public var generation: GenerationID
  public var job: JobID
  public var run: Run.ID
  /// What it has used since it waited last, in nanoseconds.
  public var processorTime: Int64
  /// Where it is in its script.
  public var traceback: String
  /// Whether the script's other runs cannot begin meanwhile: not for a run that has a state of its own.
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
