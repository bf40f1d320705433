import Triggers

/// Corrects a store whose times are ahead of the clock: the clock was set back while no host ran, or was wrong before.
///
/// Nothing can have happened later than now. So a past event that is later than now becomes now. If a length of time
/// counts from it, it is set back by as much as the clock. A run that is due after a length of time keeps its distance
/// from now; a run that is due at a time keeps that time. The history does not change.
extension StoredState {
  /// The latest time that the previous host is known to have reached. A host that runs while the clock is set writes
  /// the new time to the store, so this is not later than the clock at that moment.
  private var latest: Timestamp? { handledThrough ?? jobs.map(\.registered).max() }

  /// Sets back times that are later than now. Returns by how many nanoseconds the store was ahead.
  package mutating func setBack(to now: Timestamp) -> Int64 {
    let ahead = max(0, now.distance(to: latest ?? now))
    func past(_ instant: Timestamp) -> Timestamp {
      instant > now ? min(now, instant.advanced(by: -ahead)) : instant
    }
    handledThrough = handledThrough.map { min($0, now) }
    for index in jobs.indices {
      jobs[index].registered = past(jobs[index].registered)
      jobs[index].since = min(jobs[index].since, now)
      jobs[index].lastStarted = jobs[index].lastStarted.map(past)
      jobs[index].absence = jobs[index].absence.map {
        switch $0 {
        case .removed(let since): .removed(min(since, now))
        case .unloaded(let since): .unloaded(min(since, now))
        }
      }
    }
    guard ahead > 0 else { return 0 }
    for index in pendingRuns.indices where pendingRuns[index].isRelative {
      guard pendingRuns[index].dueAt > now else { continue }
      pendingRuns[index].dueAt = pendingRuns[index].dueAt.advanced(by: -ahead)
      guard pendingRuns[index].kind == .promise else { continue }
      pendingRuns[index].scheduledAt = min(pendingRuns[index].scheduledAt, pendingRuns[index].dueAt)
    }
    return ahead
  }
}
