import CLuaBridge

/// What a batch of runs came to.
public struct BatchEnd {
  /// When those left Lua that have ended and had nothing to tell, or that nap, in order; negative for a nap. Monotonic.
  public var ends: [Int64]
  public var naps: [NapStart]
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

  init(_ nap: mw_nap) {
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
  /// Where the isolate writes which of them nap again.
  let naps: UnsafeMutablePointer<mw_nap>
  public private(set) var count = 0

  public init() {
    unsafe wakes = .allocate(capacity: Self.capacity)
    unsafe naps = .allocate(capacity: Self.capacity)
  }

  deinit {
    unsafe wakes.deallocate()
    unsafe naps.deallocate()
  }

  public var isFull: Bool { count == Self.capacity }

  /// To be called while it is not full. The run is interrupted and torn out at these monotonic times; the maximum is never.
  public mutating func append(_ coroutine: UInt32, softAt: Int64, evictAt: Int64) {
    precondition(!isFull, "a batch holds \(Self.capacity) runs")
    unsafe (wakes + count).initialize(
      to: mw_wake(coroutine: coroutine, soft_at: softAt, evict_at: evictAt))
    count += 1
  }

  public mutating func removeAll() { count = 0 }
}
