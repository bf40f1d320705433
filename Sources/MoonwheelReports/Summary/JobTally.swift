/// The fires and runs of one job in a simulation, counted.
package struct JobTally: Equatable {
  package let script: String
  package let name: String
  /// By a trigger, an event or a promise: those that became runs, and those that did not.
  package internal(set) var fires = 0
  /// All attempts of a run are one run.
  package internal(set) var runs = 0
  /// Runs whose last attempt failed.
  package internal(set) var failed = 0
  package internal(set) var retries = 0
  package internal(set) var skipped = 0
  package internal(set) var missed = 0
  package private(set) var lateness = Lateness()
  /// The reasons why fires did not become runs, or runs were cancelled, in the order in which they first came up.
  package private(set) var reasons: [Reason] = []
  /// How often another reason came up, once ``reasons`` was full.
  package private(set) var otherReasons = 0

  package struct Reason: Equatable {
    /// `skipped`, `missed`, `cancelled`, `denied`.
    package let verb: String
    package let text: String
    package internal(set) var count: Int
  }

  private static let mostReasons = 8

  init(script: String, name: String) {
    self.script = script
    self.name = name
  }

  mutating func start(late nanoseconds: Int64) {
    fires += 1
    runs += 1
    lateness.add(nanoseconds)
  }

  mutating func add(_ verb: String, _ text: String, count: Int) {
    if let place = reasons.firstIndex(where: { $0.verb == verb && $0.text == text }) {
      reasons[place].count += count
    } else if reasons.count < Self.mostReasons {
      reasons.append(Reason(verb: verb, text: text, count: count))
    } else {
      otherReasons += count
    }
  }
}

/// How late runs started. Most start in time; these are only counted.
package struct Lateness: Equatable {
  private var inTime = 0
  private var late: [Int64] = []

  /// In nanoseconds. A run that started early, since the clock was set back, started in time.
  mutating func add(_ nanoseconds: Int64) {
    if nanoseconds > 0 { late.append(nanoseconds) } else { inTime += 1 }
  }

  package var max: Int64? { late.max() ?? (inTime > 0 ? 0 : nil) }

  /// The lower of the two in the middle; nil if nothing started. O(n log n) in those that were late.
  package var median: Int64? {
    let count = inTime + late.count
    guard count > 0 else { return nil }
    let place = (count - 1) / 2
    return place < inTime ? 0 : late.sorted()[place - inTime]
  }
}
