import Moonwheel

/// When most starts at once: by the minute, and by the instant.
struct LoadTally {
  struct Peak: Equatable {
    var time: Timestamp
    var starts: Int
  }

  /// The minute in which most runs began, and the first of several; nil if none began.
  private(set) var busiestMinute: Peak?
  /// Instants at which two or more jobs started a run.
  private(set) var collisions = 0
  /// The instants at which most jobs did, worst first.
  private(set) var worst: [Collision] = []

  struct Collision: Equatable {
    var time: Timestamp
    /// Their places in the list of jobs, in the order in which they started.
    var jobs: [Int]
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

  /// Takes the instant under way among the worst, if it is one of them.
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
