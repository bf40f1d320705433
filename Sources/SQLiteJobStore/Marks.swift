import GRDB
import MoonwheelModel
import Triggers

/// The row of the highest numbers that the store has seen. It outlives the rows that had these numbers.
struct Marks: Hashable {
  var handledThrough: Timestamp?
  var lastRun = Run.ID(rawValue: 0)
  var lastJob = StoreKey.none
  var lastDecision = Decision.ID(rawValue: 0)
  var seed: UInt64?

  init(_ database: Database) throws {
    try Command(
      "SELECT handled_through, last_run, last_job, last_decision, seed FROM marks", in: database
    ).run { row in
      handledThrough = row.optionalInstant(0)
      lastRun = row.run(1)
      lastJob = row.key(2)
      lastDecision = Decision.ID(rawValue: row.integer(3))
      seed = row.optionalInteger(4).map { UInt64(bitPattern: $0) }
    }
  }

  static func command(in database: Database) throws -> Command {
    try Command(
      """
      UPDATE marks SET handled_through = ?, last_run = ?, last_job = ?, last_decision = ?, seed = ?
      """, in: database)
  }

  func bind(to command: Command) {
    command.bind(handledThrough)
    command.bind(lastRun)
    command.bind(lastJob)
    command.bind(lastDecision.rawValue)
    command.bind(seed.map { Int64(bitPattern: $0) })
  }

  mutating func update(for change: StoreChange) {
    switch change {
    case .job(let job): lastJob = max(lastJob, job.key)
    case .pendingRun(let pending): lastRun = max(lastRun, pending.run)
    case .began(let record), .ended(let record): lastRun = max(lastRun, record.run)
    case .decision(let decision): lastDecision = max(lastDecision, decision.id)
    case .handled(let through): handledThrough = through
    case .seed(let seed): self.seed = seed
    case .status, .counts, .state, .orphaned, .forget, .pendingRunStatus, .pendingRunEnded,
      .summary,
      .decisionGrew, .sources, .forgetSources, .forgetSourcesOf:
      break
    }
  }
}
