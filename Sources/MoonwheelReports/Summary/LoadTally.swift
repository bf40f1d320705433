import Triggers

/// Finds the minute with most starts, and the instants at which most jobs start.
package struct LoadTally {
  package struct Peak: Equatable {
    package var time: Timestamp
    package var starts: Int
  }

  /// The first minute with most starts; nil if no run started.
  package private(set) var busiestMinute: Peak?
  /// The number of instants at which two or more jobs started a run.
  package private(set) var collisions = 0
  /// The instants at which most jobs started, worst first.
  package private(set) var worst: [Collision] = []

  package struct Collision: Equatable {
    package var time: Timestamp
    /// The indices of the jobs in the summary's list, in the order in which they started.
    package var jobs: [Int]
  }

  private static let maxWorst = 3
  private static let minute: Int64 = 60_000_000_000
  private var current = Peak(time: .distantPast, starts: 0)
  private var instant = Collision(time: .distantPast, jobs: [])

  mutating func start(of job: Int, at time: Timestamp) {
    let minute = time.advanced(by: -floorRemainder(time.nanoseconds, Self.minute))
    if minute != current.time { current = Peak(time: minute, starts: 0) }
    current.starts += 1
    if current.starts > busiestMinute?.starts ?? 0 { busiestMinute = current }
    if time != instant.time { instant = Collision(time: time, jobs: []) }
    guard !instant.jobs.contains(job) else { return }
    instant.jobs.append(job)
    guard instant.jobs.count > 1 else { return }
    if instant.jobs.count == 2 { collisions += 1 }
    rank()
  }

  /// Puts the current instant among the worst, if it is one of them.
  private mutating func rank() {
    worst.removeAll { $0.time == instant.time }
    let index = worst.firstIndex { $0.jobs.count < instant.jobs.count } ?? worst.count
    worst.insert(instant, at: index)
    if worst.count > Self.maxWorst { worst.removeLast() }
  }
}
