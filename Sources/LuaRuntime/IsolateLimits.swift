/// The bounds of one isolate.
public struct IsolateLimits: Sendable, Hashable {
  /// Bytes of the Lua heap: at the cap a script gets Lua's ordinary "not enough memory".
  public var memory: Int
  /// Bytes of a message that leaves the script.
  public var messageBytes: Int
  /// Nested tables in such a message, at most 200.
  public var messageDepth: Int
  /// Runs under way at once, parked ones included.
  public var coroutines: Int

  public init(
    memory: Int = 64 << 20, messageBytes: Int = 1 << 20, messageDepth: Int = 64,
    coroutines: Int = 100_000
  ) {
    self.memory = memory
    self.messageBytes = messageBytes
    self.messageDepth = messageDepth
    self.coroutines = coroutines
  }
}
