import JobHistory
import JobStore
import MoonwheelModel
import ScriptHost
import Triggers

extension Job {
  /// The attempts of the job's runs that the store keeps one by one, newest first. Runs of a job that succeeds more than
  /// once a second are summed up instead: ``why(around:)`` counts them.
  ///
  /// - Parameters:
  ///   - statuses: only those; nil for all.
  ///   - start: only those that were due then or later.
  ///   - limit: at most so many.
  /// - Throws: ``JobError`` if the scheduler does not run or the job is gone, ``StoreError`` if the store fails.
  public func runs(
    _ statuses: Set<RunStatus>? = nil, since start: Timestamp? = nil, limit: Int = 100
  ) async throws -> [PastRun] {
    try await query { job, store throws(StoreError) in
      try store.runs(
        RunQuery(job: job.key, statuses: statuses, since: start, limit: max(0, limit))
      ).map(PastRun.init)
    }
  }

  /// What became of the job's last ten fires, oldest first, and why; or of the five before an instant and the five after
  /// it. Says of an instant at which no fire was due that none was.
  ///
  /// Throws ``JobError`` if the scheduler does not run or the job is gone, ``StoreError`` if the store fails.
  public func why(around instant: Timestamp? = nil) async throws -> [FireOutcome] {
    let now = scheduler.environment.clock.read().wall
    let zone = scheduler.environment.zone
    return try await query { job, store throws(StoreError) in
      let timeline = Timeline(
        job: job, trigger: StoredTrigger(job), now: now, handledThrough: nil, host: nil, zone: zone)
      let extent =
        instant == nil
        ? Timeline.Extent(before: 10, after: 0) : Timeline.Extent(before: 5, after: 5)
      return try timeline.entries(around: instant ?? now, extent, in: store).map(FireOutcome.init)
    }
  }

  /// Reads the store about the job, after all that has happened before.
  private func query<Row: Sendable>(
    _ read: @escaping @Sendable (StoredJob, any JobStore) throws(StoreError) -> [Row]
  ) async throws -> [Row] {
    // The answer comes when the core has written the job's sums.
    _ = try await send(.status)
    let (script, name) = (script, name)
    return try await scheduler.query { store throws(StoreError) in
      // A job gets its row with the first record about it.
      guard let job = try store.jobs(script: script, name: name).first else { return [] }
      return try read(job, store)
    }
  }
}

extension Scheduler {
  /// Reads the store on the writer's thread, after all earlier writes.
  fileprivate func query<Answer: Sendable>(
    _ read: @escaping @Sendable (any JobStore) throws(StoreError) -> Answer
  ) async throws -> Answer {
    let (store, writer) = (environment.store, environment.writer)
    let result = await withCheckedContinuation {
      (continuation: CheckedContinuation<Result<Answer, StoreError>?, Never>) in
      guard let writer else {
        return continuation.resume(returning: Result { () throws(StoreError) in try read(store) })
      }
      writer.query(
        { store in
          continuation.resume(returning: Result { () throws(StoreError) in try read(store) })
        }, orElse: { continuation.resume(returning: nil) })
    }
    guard let result else { throw Self.notRunning }
    return try result.get()
  }
}
