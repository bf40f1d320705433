import GRDB
import MoonwheelModel

/// The commands of all changes, prepared once. What hangs on a job that is not there is not added.
struct ChangeCommands {
  private let job: Command
  private let status: Command
  private let counts: Command
  private let setState: Command
  private let removeState: Command
  private let orphaned: Command
  private let forget: [Command]
  private let pending: Command
  private let pendingRunStatus: Command
  private let pendingRunEnded: Command
  private let began: Command
  private let forgetRun: Command
  private let forgetRunning: Command
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
    forget =
      try ["states", "promises", "running", "runs", "summaries", "decisions"].map {
        try command("DELETE FROM \($0) WHERE job = ?")
      } + [command("DELETE FROM jobs WHERE id = ?")]
    pending = try command(Self.add("promises", columns: 11, job: 2))
    pendingRunStatus = try command("UPDATE promises SET status = ?, cuts = ? WHERE run = ?")
    pendingRunEnded = try command("DELETE FROM promises WHERE run = ?")
    began = try command(Self.add("running", columns: 16, job: 3))
    forgetRun = try command("DELETE FROM runs WHERE run = ? AND attempt = ?")
    forgetRunning = try command("DELETE FROM running WHERE run = ? AND attempt = ?")
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
      job.put(row)
      try job.run()
    case .status(let key, let state, let reason, let due, let since):
      status.put(state.rawValue)
      status.put(reason)
      status.put(due)
      status.put(since)
      status.put(key)
      try status.run()
    case .counts(let key, let runs, let fires, let lastStarted, let due):
      counts.put(runs)
      counts.put(fires)
      counts.put(lastStarted)
      counts.put(due)
      counts.put(key)
      try counts.run()
    case .state(let key, let value): try set(value, of: key)
    case .orphaned(let key, let since):
      orphaned.put(since)
      orphaned.put(key)
      try orphaned.run()
    case .forget(let key):
      for command in forget {
        command.put(key)
        try command.run()
      }
    case .pendingRun(let row):
      pending.put(row)
      try pending.run()
    case .pendingRunStatus(let run, let status, let crashes): try set(status, crashes, of: run)
    case .pendingRunEnded(let run):
      pendingRunEnded.put(run)
      try pendingRunEnded.run()
    case .began(let record):
      try remove(record, by: forgetRun)
      began.put(record)
      try began.run()
    case .ended(let record):
      try remove(record, by: forgetRunning)
      ended.put(record)
      try ended.run()
    case .summary(let row):
      summary.put(row)
      try summary.run()
    case .decision(let row):
      decision.put(row)
      try decision.run()
    case .decisionGrew(let id, let through, let count):
      decisionGrew.put(through)
      decisionGrew.put(count)
      decisionGrew.put(id.rawValue)
      try decisionGrew.run()
    case .sources(let version): try sources.put(version)
    case .forgetSourcesOf(let script): try sources.forget(script)
    case .forgetSources(let kept): try sources.forget(except: kept)
    case .handled, .seed: break
    }
  }

  private func set(_ value: Value, of key: StoreKey) throws {
    let command = value.isNil ? removeState : setState
    command.put(key)
    if !value.isNil { command.put(value) }
    try command.run()
  }

  private func set(_ status: PendingRun.Status, _ crashes: Int32, of run: Run.ID) throws {
    pendingRunStatus.put(status.rawValue)
    pendingRunStatus.put(crashes)
    pendingRunStatus.put(run)
    try pendingRunStatus.run()
  }

  private func remove(_ record: RunRecord, by command: Command) throws {
    command.put(record.run)
    command.put(record.attempt)
    try command.run()
  }
}
