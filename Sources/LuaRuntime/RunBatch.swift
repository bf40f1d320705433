import CLuaBridge
import MoonwheelModel
import SchedulerCore

/// Runs without arguments and state, which an isolate starts back to back.
///
/// Safe although it holds pointers: it alone owns the memory, every element below `count` is initialized, and it lends
/// the pointers only to ``Isolate``, for the time of a call.
@safe
public struct RunBatch: ~Copyable {
  /// The most runs that it holds.
  public static let capacity = 128

  let runs: UnsafeMutablePointer<mw_batch_run>
  /// Filled by the isolate: the runs that wait for a duration, and the memory that each run held.
  let timedWaits: UnsafeMutablePointer<mw_timed_wait>
  let peaks: UnsafeMutablePointer<Int>
  /// Whether a caller will read the peaks of memory.
  public var wantsPeaks = false
  private var count = 0
  /// How many of the runs have been started.
  private var begun = 0

  public init() {
    unsafe runs = .allocate(capacity: Self.capacity)
    unsafe timedWaits = .allocate(capacity: Self.capacity)
    unsafe peaks = .allocate(capacity: Self.capacity)
  }

  deinit {
    unsafe runs.deallocate()
    unsafe timedWaits.deallocate()
    unsafe peaks.deallocate()
  }

  public var isFull: Bool { count == Self.capacity }

  /// How many runs have not been started.
  public var left: Int { count - begun }

  /// The first of them.
  var next: UnsafeMutablePointer<mw_batch_run> { unsafe runs + begun }

  /// Traps if the batch ``isFull``.
  @inline(__always)
  public mutating func append(_ dispatch: borrowing Dispatch, _ plan: CallbackStart) {
    precondition(!isFull, "a batch holds \(Self.capacity) runs")
    unsafe (runs + count).initialize(
      to: mw_batch_run(
        id: dispatch.run.rawValue, job: dispatch.handle.rawValue, number: dispatch.number,
        scheduled_at: dispatch.scheduledAt.nanoseconds, soft: plan.soft, evict: plan.evict,
        event: nil, callback: plan.callback.rawValue,
        // ``JobID/cancellationKey``, copied since the compiler would not inline it from another module.
        job_key: (dispatch.job.index ^ dispatch.job.reuse << 20) &+ 1))
    count += 1
  }

  public mutating func removeAll() {
    count = 0
    begun = 0
    wantsPeaks = false
  }

  /// Counts more runs as started.
  mutating func begin(_ more: Int) { begun += more }
}

/// The callback and the limits of a job's runs, which is all that a run of a batch needs beside its dispatch.
public struct CallbackStart: Sendable {
  public var callback: CallbackID
  /// When a run is interrupted and evicted, in nanoseconds from its start; the maximum is never.
  public var soft: Int64
  public var evict: Int64

  public init(callback: CallbackID, soft: Int64, evict: Int64) {
    self.callback = callback
    self.soft = soft
    self.evict = evict
  }
}
