/// Secrets in what the store is given.
extension SecretMask {
  /// All texts that tell what happened, and what runs get. Not `run.state`, which is data of the script, as the values of `kv`
  /// are; nor names of jobs and texts of scripts, by which they are found again.
  package func masked(_ change: StoreChange) -> StoreChange {
    switch change {
    case .job(var job):
      job.reason = masked(job.reason)
      return .job(job)
    case .status(let job, let state, let reason, let due, let since):
      return .status(job, state, reason: masked(reason), due: due, since: since)
    case .pendingRun(let run): return .pendingRun(masked(run))
    case .began(let record): return .began(masked(record))
    case .ended(let record): return .ended(masked(record))
    case .ending(let run, let attempt, let text):
      return .ending(run, attempt: attempt, masked(text))
    case .afterRun(var request):
      request.payload = masked(request.payload)
      return .afterRun(request)
    case .decision(var decision):
      decision.reason = masked(decision.reason)
      return .decision(decision)
    case .together(let changes): return .together(changes.map { masked($0) })
    case .counts, .state, .orphaned, .adopt, .forget, .pendingRunStatus, .pendingRunEnded,
      .afterRunDone, .summary, .decisionGrew, .handled, .seed, .sources, .forgetSources,
      .forgetSourcesOf:
      return change
    }
  }

  private func masked(_ run: PendingRun) -> PendingRun {
    var run = run
    run.by = masked(run.by)
    switch run.payload {
    case .none: break
    case .arguments(let value): run.payload = .arguments(masked(value))
    case .event(let event): run.payload = .event(masked(event))
    case .events(let events): run.payload = .events(events.map { masked($0) })
    }
    return run
  }

  private func masked(_ record: RunRecord) -> RunRecord {
    var record = record
    record.result = masked(record.result)
    record.failure = record.failure.map { masked($0) }
    record.log = record.log.map { masked($0) }
    record.ending = masked(record.ending)
    record.cause = record.cause.map { masked($0) }
    return record
  }

  private func masked(_ line: LogLine) -> LogLine {
    var line = line
    line.message = masked(line.message)
    line.fields = line.fields.map { masked($0) }
    return line
  }

  private func masked(_ cause: RunCause) -> RunCause {
    var cause = cause
    cause.by = masked(cause.by)
    switch cause.input {
    case .none, .cut: break
    case .arguments(let value): cause.input = .arguments(masked(value))
    case .event(let event): cause.input = .event(masked(event))
    case .events(let events): cause.input = .events(events.map { masked($0) })
    }
    return cause
  }
}
