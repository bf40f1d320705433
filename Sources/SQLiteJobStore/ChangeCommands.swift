import MoonwheelModel

/// Makes the changes. A row that belongs to a job is added only if the job is there.
extension PreparedCommands {
  static let addJob = "INSERT OR REPLACE INTO jobs VALUES(\(parameters(23)))"
  static let addPendingRun = add(to: "promises", columns: 13, job: 2)
  private static let addRunning = add(to: "running", columns: 22, job: 3)
  private static let addEnded = add(to: "runs", columns: 22, job: 3)
  static let addSummary = add(to: "summaries", columns: 9, job: 1)
  static let addDecision = add(to: "decisions", columns: 9, job: 2)

  private static func parameters(_ count: Int) -> String {
    (1...count).map { "?\($0)" }.joined(separator: ", ")
  }

  private static func add(to table: String, columns: Int, job: Int) -> String {
    "INSERT OR REPLACE INTO \(table) SELECT \(parameters(columns)) "
      + "WHERE EXISTS(SELECT 1 FROM jobs WHERE id = ?\(job))"
  }

  func make(_ change: StoreChange) throws {
    switch change {
    case .job(let job): try add(job)
    case .status(let key, let state, let reason, let due, let since):
      try run(
        "UPDATE jobs SET state = ?, reason = ?, due = ?, since = ? WHERE id = ?",
        state, reason, due, since, key)
    case .counts(let key, let runs, let fires, let lastStarted, let due):
      try run(
        "UPDATE jobs SET runs = ?, fires = ?, last_started = ?, due = ? WHERE id = ?",
        runs, fires, lastStarted, due, key)
    case .state(let key, .nil): try run("DELETE FROM states WHERE job = ?", key)
    case .state(let key, let value):
      try run(
        """
        INSERT OR REPLACE INTO states SELECT ?1, ?2 WHERE EXISTS(SELECT 1 FROM jobs WHERE id = ?1)
        """, key, value)
    case .orphaned(let key, let since):
      try run("UPDATE jobs SET orphaned_at = ?, unloaded_since = NULL WHERE id = ?", since, key)
    case .adopt(let former, let key): try adopt(former, into: key)
    case .forget(let key):
      for table in Self.tablesOfJobs {
        try run("DELETE FROM \(table) WHERE job = ?", key)
      }
      try run("DELETE FROM jobs WHERE id = ?", key)
    case .pendingRun(let pending): try add(pending)
    case .pendingRunStatus(let run, let status, let crashes):
      try self.run("UPDATE promises SET status = ?, cuts = ? WHERE run = ?", status, crashes, run)
    case .pendingRunEnded(let run): try self.run("DELETE FROM promises WHERE run = ?", run)
    case .began(let record):
      try run("DELETE FROM runs WHERE run = ? AND attempt = ?", record.run, record.attempt)
      try add(record, by: Self.addRunning)
    case .ended(let record):
      try run("DELETE FROM running WHERE run = ? AND attempt = ?", record.run, record.attempt)
      try add(record, by: Self.addEnded)
    case .summary(let summary): try add(summary)
    case .decision(let decision): try add(decision)
    case .decisionGrew(let id, let through, let count):
      try run("UPDATE decisions SET through_at = ?, count = ? WHERE id = ?", through, count, id)
    case .sources(let version): try store(version)
    case .forgetSourcesOf(let script): try forgetSources(of: script)
    case .forgetSources(let kept): try forgetSources(except: kept)
    case .ending(let run, let attempt, let label):
      try self.run(
        "UPDATE runs SET ending = ? WHERE run = ? AND attempt = ?", label, run, attempt)
    case .afterRun(let request): try add(request)
    case .afterRunDone(let id): try run("DELETE FROM leftovers WHERE id = ?", id)
    case .together(let changes): for change in changes { try make(change) }
    case .handled, .seed: break
    }
  }

  /// Those with a column `job`.
  private static let tablesOfJobs = [
    "states", "promises", "running", "runs", "summaries", "decisions",
  ]
}

extension PreparedCommands {
  private func adopt(_ former: StoreKey, into key: StoreKey) throws {
    let isThere = "?1 <> ?2 AND EXISTS(SELECT 1 FROM jobs WHERE id = ?2)"
    for table in Self.tablesOfJobs {
      try run("UPDATE OR REPLACE \(table) SET job = ?2 WHERE job = ?1 AND \(isThere)", former, key)
    }
    try run("DELETE FROM jobs WHERE id = ?1 AND \(isThere)", former, key)
  }
}
