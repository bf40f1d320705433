import Triggers

/// A store whose times are ahead of the clock: the clock was set back while no host ran, or was wrong before.
///
/// What is later than now cannot have happened. Times of the past become the present or, where a length counts from them,
/// are set back with the clock; what is due after a length of time keeps its distance; what is due at a time stays. The
/// history is left as it is.
extension StoredState {
  /// Up to where the host before had come, as far as the store knows. A host that runs while the clock is set tells the
  /// store of it, so that this is not later than the clock then.
  private var latest: Timestamp? { handledThrough ?? jobs.map(\.registered).max() }

  /// Sets back what is later than now. Answers by how many nanoseconds the store was ahead.
  package mutating func setBack(to now: Timestamp) -> Int64 {
    let ahead = max(0, now.distance(to: latest ?? now))
    func past(_ instant: Timestamp) -> Timestamp {
      instant > now ? min(now, instant.advanced(by: -ahead)) : instant
    }
    handledThrough = handledThrough.map { min($0, now) }
    for place in jobs.indices {
      jobs[place].registered = past(jobs[place].registered)
      jobs[place].since = min(jobs[place].since, now)
      jobs[place].lastStarted = jobs[place].lastStarted.map(past)
      jobs[place].orphanedAt = jobs[place].orphanedAt.map { min($0, now) }
    }
    guard ahead > 0 else { return 0 }
    for place in pendingRuns.indices where pendingRuns[place].isRelative {
      guard pendingRuns[place].dueAt > now else { continue }
      pendingRuns[place].dueAt = pendingRuns[place].dueAt.advanced(by: -ahead)
      guard pendingRuns[place].kind == .promise else { continue }
      pendingRuns[place].scheduledAt = min(pendingRuns[place].scheduledAt, pendingRuns[place].dueAt)
    }
    return ahead
  }
}
