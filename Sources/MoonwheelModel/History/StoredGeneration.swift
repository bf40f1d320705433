import Triggers

/// One of the versions of a script that a store has kept.
public struct StoredGeneration: Sendable, Hashable {
  public var version: SourceVersion
  /// The time at which its texts were first loaded, since they were not loaded before or others were in between.
  public var loadedAt: Timestamp
  /// True for the last good version, unless the script is gone.
  public var isCurrent: Bool

  /// How many a store keeps of each script.
  public static let limit = 20

  public init(version: SourceVersion, loadedAt: Timestamp, isCurrent: Bool) {
    self.version = version
    self.loadedAt = loadedAt
    self.isCurrent = isCurrent
  }
}
