import CLuaBridge
import MoonwheelCore

/// Runs that are given nothing but themselves, to be started one after the other.
///
/// Safe although it holds a pointer: it alone owns the memory, every place below `count` is initialized, and only
/// ``Isolate`` is handed it, for the time of a call.
@safe
public struct RunBatch: ~Copyable {
  /// How many runs it holds at most.
  public static let capacity = 128

  let runs: UnsafeMutablePointer<mw_batch_run>
  /// What the isolate tells of them: which nap, and how much memory each took.
  let naps: UnsafeMutablePointer<mw_timed_wait>
  let peaks: UnsafeMutablePointer<Int>
  /// Whether somebody wants to know of the memory.
  public var wantsPeaks = false
  private var count = 0
  /// How many of them have been started.
  private var begun = 0

  public init() {
    unsafe runs = .allocate(capacity: Self.capacity)
    unsafe naps = .allocate(capacity: Self.capacity)
    unsafe peaks = .allocate(capacity: Self.capacity)
  }

  deinit {
    unsafe runs.deallocate()
    unsafe naps.deallocate()
    unsafe peaks.deallocate()
  }

  public var isFull: Bool { count == Self.capacity }

  /// How many are still to be started.
  public var left: Int { count - begun }

  /// Where those lie.
  var next: UnsafeMutablePointer<mw_batch_run> { unsafe runs + begun }

  /// To be called while it is not full.
  @inline(__always)
  public mutating func append(_ dispatch: borrowing Dispatch, _ plan: PlainRun) {
    precondition(!isFull, "a batch holds \(Self.capacity) runs")
    unsafe (runs + count).initialize(
      to: mw_batch_run(
        id: dispatch.run.rawValue, job: dispatch.handle.rawValue, number: dispatch.number,
        scheduled_at: dispatch.scheduledAt.nanoseconds, soft: plan.soft, evict: plan.evict,
        event: nil, callback: plan.callback.rawValue,
        // As ``JobID/cancellationKey``, which would not be inlined from another module.
        job_key: (dispatch.job.index ^ dispatch.job.reuse << 20) &+ 1))
    count += 1
  }

  public mutating func removeAll() {
    count = 0
    begun = 0
    wantsPeaks = false
  }

  /// The next ones have been started.
  mutating func begin(_ more: Int) { begun += more }
}

/// What the start of a job's run needs, where that is all.
public struct PlainRun: Sendable {
  public var callback: CallbackID
  /// When it is interrupted and torn out, in nanoseconds from its start; the maximum is never.
  public var soft: Int64
  public var evict: Int64

  public init(callback: CallbackID, soft: Int64, evict: Int64) {
    self.callback = callback
    self.soft = soft
    self.evict = evict
  }
}
