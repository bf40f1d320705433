import CLuaBridge

/// The result of a batch of runs.
public struct BatchEnd {
  /// For each run that ended silently or waits for a duration, in order: the monotonic time at which it left Lua,
  /// negative if it waits.
  public var ends: [Int64]
  public var timedWaits: [TimedWaitStart]
  /// The most bytes that the isolate held during each run of `ends`; empty unless `wantsPeaks`.
  public var peaks: [Int]
  /// The outcome of the run after those; nil if it was not started.
  public var next: IsolateOutcome?
}

/// A run of a batch that waits for a duration.
public struct TimedWaitStart: Sendable {
  /// Its index in the batch.
  public var position: Int
  public var coroutine: UInt32
  /// In nanoseconds, from the time at which it left Lua.
  public var length: Int64

  init(_ timedWait: mw_timed_wait) {
    position = Int(timedWait.position)
    coroutine = timedWait.coroutine
    length = timedWait.length
  }
}

/// Runs whose waits are over, which an isolate resumes back to back.
///
/// Safe although it holds pointers, as ``RunBatch`` is.
@safe
public struct WakeBatch: ~Copyable {
  /// The most runs that it holds.
  public static let capacity = 128

  let wakes: UnsafeMutablePointer<mw_wake>
  /// Filled by the isolate: the runs that wait again, and the memory that each run held.
  let timedWaits: UnsafeMutablePointer<mw_timed_wait>
  let peaks: UnsafeMutablePointer<Int>
  /// Whether a caller will read the peaks of memory.
  private(set) var wantsPeaks = false
  public private(set) var count = 0

  public init() {
    unsafe wakes = .allocate(capacity: Self.capacity)
    unsafe timedWaits = .allocate(capacity: Self.capacity)
    unsafe peaks = .allocate(capacity: Self.capacity)
  }

  deinit {
    unsafe wakes.deallocate()
    unsafe timedWaits.deallocate()
    unsafe peaks.deallocate()
  }

  public var isFull: Bool { count == Self.capacity }

  /// Traps if the batch ``isFull``. The run is interrupted and evicted at these monotonic times; the maximum is never.
  public mutating func append(
    _ coroutine: UInt32, softAt: Int64, evictAt: Int64, wantsPeak: Bool
  ) {
    precondition(!isFull, "a batch holds \(Self.capacity) runs")
    unsafe (wakes + count).initialize(
      to: mw_wake(coroutine: coroutine, soft_at: softAt, evict_at: evictAt))
    count += 1
    wantsPeaks = wantsPeaks || wantsPeak
  }

  public mutating func removeAll() {
    count = 0
    wantsPeaks = false
  }
}
