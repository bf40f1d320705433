import MoonwheelModel
import Triggers

/// A growing sum of successful runs of one job. It has 64 bytes, so that each run touches one or two cache lines.
struct GrowingSum {
  /// The nominal instants of the first run and, in `through`, of the last.
  var from = Timestamp(nanoseconds: 0)
  var through = Timestamp(nanoseconds: 0)
  /// The number of runs; 0 while the sum is empty.
  var count: UInt32 = 0
  /// The value of `count` when the sum was last written.
  var storedCount: UInt32 = 0
  var totalDuration: Int64 = 0
  var longestDuration: Int64 = 0
  var totalLateness: Int64 = 0
  var longestLateness: Int64 = 0
  var processorTime: Int64 = 0

  /// Adds a run; times are in nanoseconds.
  mutating func add(
    at instant: Timestamp, duration: Int64, lateness: Int64, processorTime: Int64
  ) {
    if count == 0 {
      from = instant
      through = instant
    }
    through = max(through, instant)
    count += 1
    totalDuration &+= duration
    longestDuration = max(longestDuration, duration)
    totalLateness &+= lateness
    longestLateness = max(longestLateness, lateness)
    self.processorTime &+= processorTime
  }

  func summary(of job: StoreKey) -> RunSummary {
    RunSummary(
      job: job, from: from, through: through, count: Int64(count), totalDuration: totalDuration,
      longestDuration: longestDuration, totalLateness: totalLateness,
      longestLateness: longestLateness, processorTime: processorTime)
  }
}

/// The sums of the jobs, by job index. They are not in ``JobRecord``, since a job needs none before its first run.
struct SumTable {
  private var sums: ContiguousArray<GrowingSum> = []

  /// The sum of any job; empty if it has none.
  func sum(at index: JobIndex) -> GrowingSum {
    index.rawValue < sums.count ? sums[index.rawValue] : GrowingSum()
  }

  /// Only valid after ``makeRoom(for:of:)`` for this index.
  subscript(index: JobIndex) -> GrowingSum {
    @inline(__always) get { sums[index.rawValue] }
    @inline(__always) _modify { yield &sums[index.rawValue] }
  }

  /// Makes room for the sum of a job, and of all `count` jobs at once: a table that grew by one would be copied each
  /// time.
  mutating func makeRoom(for index: JobIndex, of count: Int) {
    guard sums.count <= index.rawValue else { return }
    sums.reserveCapacity(count)
    sums.append(contentsOf: repeatElement(GrowingSum(), count: count - sums.count))
  }

  mutating func clear(_ index: JobIndex) {
    if index.rawValue < sums.count { sums[index.rawValue] = GrowingSum() }
  }
}
