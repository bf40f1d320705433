import Moonwheel

/// What became of one job in a simulation, in numbers.
struct JobTally: Equatable {
  let script: String
  let name: String
  /// Times that it was due, by its trigger, an event or a promise: the runs, and what was not run.
  var fires = 0
  /// Those that were run; another attempt is no other run.
  var runs = 0
  /// Runs that did not end well and were not tried again.
  var failed = 0
  var retries = 0
  var skipped = 0
  var missed = 0
  private(set) var lateness = Lateness()
  /// Why fires were not run, or runs were ended, in the order in which that came up first.
  private(set) var reasons: [Reason] = []
  /// What came of more reasons than are kept.
  private(set) var otherReasons = 0

  struct Reason: Equatable {
    /// `skipped`, `missed`, `cancelled`, `denied`.
    let verb: String
    let text: String
    var count: Int
  }

  private static let mostReasons = 8

  init(script: String, name: String) {
    self.script = script
    self.name = name
  }

  mutating func start(late nanoseconds: Int64) {
    fires += 1
    runs += 1
    lateness.note(nanoseconds)
  }

  mutating func note(_ verb: String, _ text: String, count: Int) {
    if let place = reasons.firstIndex(where: { $0.verb == verb && $0.text == text }) {
      reasons[place].count += count
    } else if reasons.count < Self.mostReasons {
      reasons.append(Reason(verb: verb, text: text, count: count))
    } else {
      otherReasons += count
    }
  }
}

/// How late runs began. Most begin in time, and cost nothing here.
struct Lateness: Equatable {
  private var inTime = 0
  private var late: [Int64] = []

  /// In nanoseconds; what began early, since the clock was set back, began in time.
  mutating func note(_ nanoseconds: Int64) {
    if nanoseconds > 0 { late.append(nanoseconds) } else { inTime += 1 }
  }

  var max: Int64? { late.max() ?? (inTime > 0 ? 0 : nil) }

  /// The lower of the two in the middle; nil if nothing began. O(n log n) in those that were late.
  var median: Int64? {
    let count = inTime + late.count
    guard count > 0 else { return nil }
    let place = (count - 1) / 2
    return place < inTime ? 0 : late.sorted()[place - inTime]
  }
}
