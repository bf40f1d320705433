import MoonwheelModel

/// The outcome of one attempt to commit.
struct CommitResult {
  /// The tickets that are answered now: their changes are on the disk, or refused.
  var tickets: [UInt64] = []
  var failure: StoreError?
  /// Nil if the store works, or fails, as before.
  var health: StoreHealth?
  /// How many changes were dropped because the backlog was full.
  var dropped = 0
}
