import Triggers

/// Something that is to be done when a run has ended, in whatever way: stored before it can be needed, and kept until it is
/// done.
public struct AfterRunRequest: Sendable, Hashable {
  /// Unique in a store.
  public var id: Int64
  /// The name of the script.
  public var script: String
  public var run: Run.ID
  /// Says which handler of a module does it.
  public var kind: String
  public var payload: Value
  /// When it was made.
  public var at: Timestamp

  public init(
    id: Int64, script: String, run: Run.ID, kind: String, payload: Value, at: Timestamp
  ) {
    self.id = id
    self.script = script
    self.run = run
    self.kind = kind
    self.payload = payload
    self.at = at
  }
}
