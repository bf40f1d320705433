import GRDB
import MoonwheelModel

/// One prepared command for each kind of change. A row that belongs to a job is added only if the job is there.
struct ChangeCommands {
  private let job: Command
  private let status: Command
  private let counts: Command
  private let setState: Command
  private let removeState: Command
  private let orphaned: Command
  private let forgetJob: [Command]
  private let pending: Command
  private let pendingRunStatus: Command
  private let pendingRunEnded: Command
  private let began: Command
  private let removeEnded: Command
  private let removeRunning: Command
  private let ended: Command
  private let summary: Command
  private let decision: Command
  private let decisionGrew: Command
  private let sources: SourceCommands

  init(_ database: Database) throws {
    func command(_ sql: String) throws -> Command { try Command(sql, in: database) }

    job = try command("INSERT OR REPLACE INTO jobs VALUES(\(Self.values(22)))")
    status = try command("UPDATE jobs SET state = ?, reason = ?, due = ?, since = ? WHERE id = ?")
    counts = try command(
      "UPDATE jobs SET runs = ?, fires = ?, last_started = ?, due = ? WHERE id = ?")
    setState = try command(
      "INSERT OR REPLACE INTO states SELECT ?1, ?2 WHERE EXISTS(SELECT 1 FROM jobs WHERE id = ?1)")
    removeState = try command("DELETE FROM states WHERE job = ?")
    orphaned = try command("UPDATE jobs SET orphaned_at = ? WHERE id = ?")
    forgetJob =
      try ["states", "promises", "running", "runs", "summaries", "decisions"].map {
        try command("DELETE FROM \($0) WHERE job = ?")
      } + [command("DELETE FROM jobs WHERE id = ?")]
    pending = try command(Self.add("promises", columns: 11, job: 2))
    pendingRunStatus = try command("UPDATE promises SET status = ?, cuts = ? WHERE run = ?")
    pendingRunEnded = try command("DELETE FROM promises WHERE run = ?")
    began = try command(Self.add("running", columns: 16, job: 3))
    removeEnded = try command("DELETE FROM runs WHERE run = ? AND attempt = ?")
    removeRunning = try command("DELETE FROM running WHERE run = ? AND attempt = ?")
    ended = try command(Self.add("runs", columns: 16, job: 3))
    summary = try command(Self.add("summaries", columns: 9, job: 1))
    decision = try command(Self.add("decisions", columns: 9, job: 2))
    decisionGrew = try command("UPDATE decisions SET through_at = ?, count = ? WHERE id = ?")
    sources = try SourceCommands(database)
  }

  private static func values(_ count: Int) -> String {
    (1...count).map { "?\($0)" }.joined(separator: ", ")
  }

  private static func add(_ table: String, columns: Int, job: Int) -> String {
    "INSERT OR REPLACE INTO \(table) SELECT \(values(columns)) "
      + "WHERE EXISTS(SELECT 1 FROM jobs WHERE id = ?\(job))"
  }

  func make(_ change: StoreChange) throws {
    switch change {
    case .job(let row):
      job.bind(row)
      try job.run()
    case .status(let key, let state, let reason, let due, let since):
      status.bind(state.rawValue)
      status.bind(reason)
      status.bind(due)
      status.bind(since)
      status.bind(key)
      try status.run()
    case .counts(let key, let runs, let fires, let lastStarted, let due):
      counts.bind(runs)
      counts.bind(fires)
      counts.bind(lastStarted)
      counts.bind(due)
      counts.bind(key)
      try counts.run()
    case .state(let key, let value): try set(value, of: key)
    case .orphaned(let key, let since):
      orphaned.bind(since)
      orphaned.bind(key)
      try orphaned.run()
    case .forget(let key):
      for command in forgetJob {
        command.bind(key)
        try command.run()
      }
    case .pendingRun(let row):
      pending.bind(row)
      try pending.run()
    case .pendingRunStatus(let run, let status, let crashes): try set(status, crashes, of: run)
    case .pendingRunEnded(let run):
      pendingRunEnded.bind(run)
      try pendingRunEnded.run()
    case .began(let record):
      try remove(record, by: removeEnded)
      began.bind(record)
      try began.run()
    case .ended(let record):
      try remove(record, by: removeRunning)
      ended.bind(record)
      try ended.run()
    case .summary(let row):
      summary.bind(row)
      try summary.run()
    case .decision(let row):
      decision.bind(row)
      try decision.run()
    case .decisionGrew(let id, let through, let count):
      decisionGrew.bind(through)
      decisionGrew.bind(count)
      decisionGrew.bind(id.rawValue)
      try decisionGrew.run()
    case .sources(let version): try sources.store(version)
    case .forgetSourcesOf(let script): try sources.forget(script)
    case .forgetSources(let kept): try sources.forget(except: kept)
    case .handled, .seed: break
    }
  }

  private func set(_ value: Value, of key: StoreKey) throws {
    let command = value.isNil ? removeState : setState
    command.bind(key)
    if !value.isNil { command.bind(value) }
    try command.run()
  }

  private func set(_ status: PendingRun.Status, _ crashes: Int32, of run: Run.ID) throws {
    pendingRunStatus.bind(status.rawValue)
    pendingRunStatus.bind(crashes)
    pendingRunStatus.bind(run)
    try pendingRunStatus.run()
  }

  private func remove(_ record: RunRecord, by command: Command) throws {
    command.bind(record.run)
    command.bind(record.attempt)
    try command.run()
  }
}
