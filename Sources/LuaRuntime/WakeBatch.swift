import CLuaBridge

/// What a batch of runs came to.
public struct BatchEnd {
  /// When those left Lua that have ended and had nothing to tell, or that nap, in order; negative for a nap. Monotonic.
  public var ends: [Int64]
  public var naps: [NapStart]
  /// The most bytes that the isolate held while each of `ends` ran; empty unless it was asked for.
  public var peaks: [Int]
  /// What the run after them came to, if it was begun.
  public var next: IsolateOutcome?
}

/// A run of a batch has parked for a length of time.
public struct NapStart: Sendable {
  /// Its place in the batch.
  public var position: Int
  public var coroutine: UInt32
  /// In nanoseconds.
  public var length: Int64

  init(_ nap: mw_timed_wait) {
    position = Int(nap.position)
    coroutine = nap.coroutine
    length = nap.length
  }
}

/// Runs whose naps are over, to go on one after the other.
///
/// Safe although it holds pointers, as ``RunBatch`` is.
@safe
public struct WakeBatch: ~Copyable {
  /// How many runs it holds at most.
  public static let capacity = 128

  let wakes: UnsafeMutablePointer<mw_wake>
  /// What the isolate tells of them: which nap again, and how much memory each took.
  let naps: UnsafeMutablePointer<mw_timed_wait>
  let peaks: UnsafeMutablePointer<Int>
  /// Whether somebody wants to know of the memory.
  private(set) var wantsPeaks = false
  public private(set) var count = 0

  public init() {
    unsafe wakes = .allocate(capacity: Self.capacity)
    unsafe naps = .allocate(capacity: Self.capacity)
    unsafe peaks = .allocate(capacity: Self.capacity)
  }

  deinit {
    unsafe wakes.deallocate()
    unsafe naps.deallocate()
    unsafe peaks.deallocate()
  }

  public var isFull: Bool { count == Self.capacity }

  /// To be called while it is not full. The run is interrupted and torn out at these monotonic times; the maximum is never.
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
