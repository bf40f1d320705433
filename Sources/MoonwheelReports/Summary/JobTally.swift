/// The fires and runs of one job in a simulation, counted.
package struct JobTally: Equatable {
  package let script: String
  package let name: String
  /// Fires by a trigger, an event or a promise, whether or not they became runs.
  package internal(set) var fires = 0
  /// All attempts of a run are one run.
  package internal(set) var runs = 0
  /// Runs whose last attempt failed.
  package internal(set) var failed = 0
  package internal(set) var retries = 0
  package internal(set) var skipped = 0
  package internal(set) var missed = 0
  package private(set) var lateness = Lateness()
  /// Why fires did not become runs, or runs were cancelled; in the order in which the reasons first occurred.
  package private(set) var reasons: [Reason] = []
  /// How often another reason occurred, after ``reasons`` was full.
  package private(set) var otherReasons = 0

  package struct Reason: Equatable {
    /// `skipped`, `missed`, `cancelled`, `denied`.
    package let verb: String
    package let text: String
    package internal(set) var count: Int
  }

  private static let maxReasons = 8

  mutating func start(late nanoseconds: Int64) {
    fires += 1
    runs += 1
    lateness.add(nanoseconds)
  }

  mutating func add(_ verb: String, _ text: String, count: Int) {
    if let index = reasons.firstIndex(where: { $0.verb == verb && $0.text == text }) {
      reasons[index].count += count
    } else if reasons.count < Self.maxReasons {
      reasons.append(Reason(verb: verb, text: text, count: count))
    } else {
      otherReasons += count
    }
  }
}

/// How late runs started. Those that start in time, as most do, are only counted.
package struct Lateness: Equatable {
  private var inTime = 0
  private var late: [Int64] = []

  /// Adds a lateness in nanoseconds. A run that started early, because the clock was set back, started in time.
  mutating func add(_ nanoseconds: Int64) {
    if nanoseconds > 0 { late.append(nanoseconds) } else { inTime += 1 }
  }

  package var max: Int64? { late.max() ?? (inTime > 0 ? 0 : nil) }

  /// The lower median; nil if nothing started. O(n log n) in the number of late runs.
  package var median: Int64? {
    let count = inTime + late.count
    guard count > 0 else { return nil }
    let middle = (count - 1) / 2
    return middle < inTime ? 0 : late.sorted()[middle - inTime]
  }
}
