import Triggers

/// Finds the minute with most starts, and the instants at which most jobs start together.
package struct LoadTally {
  package struct Peak: Equatable {
    package var time: Timestamp
    package var starts: Int
  }

  /// The first of several; nil if no run started.
  package private(set) var busiestMinute: Peak?
  /// The number of instants at which two or more jobs started a run.
  package private(set) var collisions = 0
  /// The instants at which most jobs started, worst first.
  package private(set) var worst: [Collision] = []

  package struct Collision: Equatable {
    package var time: Timestamp
    /// Their positions in the list of jobs, in the order in which they started.
    package var jobs: [Int]
  }

  private static let mostWorst = 3
  private static let minute: Int64 = 60_000_000_000
  private var current = Peak(time: .distantPast, starts: 0)
  private var instant = Collision(time: .distantPast, jobs: [])

  mutating func start(of job: Int, at time: Timestamp) {
    let minute = Timestamp(nanoseconds: time.nanoseconds - modulo(time.nanoseconds, Self.minute))
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
    if worst.last?.time == instant.time || worst.contains(where: { $0.time == instant.time }) {
      worst.removeAll { $0.time == instant.time }
    } else if worst.count == Self.mostWorst, let last = worst.last,
      last.jobs.count >= instant.jobs.count
    {
      return
    }
    let place = worst.firstIndex { $0.jobs.count < instant.jobs.count } ?? worst.count
    worst.insert(instant, at: place)
    if worst.count > Self.mostWorst { worst.removeLast() }
  }

  private func modulo(_ a: Int64, _ b: Int64) -> Int64 {
    let remainder = a % b
    return remainder < 0 ? remainder + b : remainder
  }
}
