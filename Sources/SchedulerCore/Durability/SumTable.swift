import MoonwheelModel
import Triggers

/// Runs of one job that succeeded and are not kept one by one, while their sum grows. 64 bytes: each touches one or
/// two lines of the cache with every run.
struct GrowingSum {
  /// Nominal instants of the first and of the last of them.
  var from = Timestamp(nanoseconds: 0)
  var through = Timestamp(nanoseconds: 0)
  /// 0 is none yet.
  var count: UInt32 = 0
  /// When the store was told last, as the count then.
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

/// Sums by the place of their job. Apart from the jobs, since a job has none until it has run.
struct SumTable {
  private var sums: ContiguousArray<GrowingSum> = []

  /// To be read for any job.
  func sum(at index: Int) -> GrowingSum { index < sums.count ? sums[index] : GrowingSum() }

  /// To be used after ``makeRoom(for:of:)``.
  subscript(index: Int) -> GrowingSum {
    @inline(__always) get { sums[index] }
    @inline(__always) _modify { yield &sums[index] }
  }

  /// Sees to it that a job can have one, and with it all `count` jobs: a table that grew with each would be copied again and
  /// again.
  mutating func makeRoom(for index: Int, of count: Int) {
    guard sums.count <= index else { return }
    sums.reserveCapacity(count)
    sums.append(contentsOf: repeatElement(GrowingSum(), count: count - sums.count))
  }

  mutating func clear(_ index: Int) {
    if index < sums.count { sums[index] = GrowingSum() }
  }
}
