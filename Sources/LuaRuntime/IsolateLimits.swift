/// The limits of one isolate.
public struct IsolateLimits: Sendable, Hashable {
  /// Bytes of the Lua heap. At the cap a script gets Lua's ordinary "not enough memory".
  public var memory: Int
  /// Bytes of a message that leaves the script.
  public var messageBytes: Int
  /// Nested tables in such a message, at most 200.
  public var messageDepth: Int
  /// Runs that have started and not ended, parked ones included.
  public var coroutines: Int
  /// Processor time that a run may spend in one C function that Lua cannot leave (a pattern, `string.rep`) after its
  /// slice is over. Then the run is interrupted, or else evicted, whatever its own limits are.
  public var stall: Duration
  /// The same limit where that C function calls Lua (a comparator of `table.sort`), until the run can be preempted.
  public var stallInLua: Duration

  public init(
    memory: Int = 64 << 20, messageBytes: Int = 1 << 20, messageDepth: Int = 64,
    coroutines: Int = 100_000, stall: Duration = .seconds(1), stallInLua: Duration = .seconds(10)
  ) {
    self.memory = memory
    self.messageBytes = messageBytes
    self.messageDepth = messageDepth
    self.coroutines = coroutines
    self.stall = stall
    self.stallInLua = stallInLua
  }
}
