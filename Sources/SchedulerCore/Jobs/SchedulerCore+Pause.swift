import MoonwheelModel
import Triggers

/// The option `paused`, and pausing and resuming a job or all jobs of a script.
extension SchedulerCore {
  mutating func pause(_ index: JobIndex, reason: String?, into effects: inout Effects) {
    guard jobs[index].state == .active else { return }
    unsubscribe(index, into: &effects)
    jobs[index].state = .paused
    if let reason { makeExtras(of: index).reason = reason }
    disarm(index)
    markInstantsHandled(of: index)  // the row says since when it is paused
    writeStatus(index, into: &effects)
    publish(.jobPaused, index, reason: reason, into: &effects)
  }

  mutating func resume(_ index: JobIndex, into effects: inout Effects) {
    let before = jobs[index].state
    guard before == .paused || before == .cancelled else { return }
    jobs[index].state = .active
    let reason = jobs[index].extras?.reason
    jobs[index].extras?.reason = nil
    publish(.jobResumed, index, into: &effects)
    if case .event(let pattern) = jobs[index].trigger { subscribe(index, pattern, into: &effects) }
    startWaiting(index, into: &effects)
    if !isPaused(jobs[index].script) {
      rearm(index, pause: before == .paused ? reason ?? "" : nil, into: &effects)
    }
    writeResumed(index, into: &effects)
  }

  /// Arms the first fire after now in the job's phase. With the reason of a pause, handles the fires missed during it
  /// first.
  mutating func rearm(_ index: JobIndex, pause: String?, into effects: inout Effects) {
    guard jobs[index].schedule.isTimed, !jobs[index].isDelayed else { return }
    markInstantsHandled(of: index)
    if let pause, jobs[index].isHeld, jobs[index].due <= now(of: index) {
      let cause = pause.isEmpty ? "it was paused" : "it was paused: \(pause)"
      guard jobs[index].schedule.hasFixedDelay else {
        catchUp(index, from: jobs[index].due, cause: cause, isLoss: false, into: &effects)
        return
      }
      // The period starts again with each run, so only one fire can have been missed.
      guard catchup(of: index) == .none else {
        arm(index, due: now(of: index), into: &effects)
        return
      }
      decide(.missed, index, at: wall(jobs[index].due, of: index), reason: cause, into: &effects)
    }
    arm(index, due: firstInWindow(index), into: &effects)
  }

  /// Pauses or resumes a script. `depth` is the number of events that led to it.
  mutating func pause(
    _ script: ScriptID, _ isPaused: Bool, reason: String, depth: UInt8, into effects: inout Effects
  ) {
    guard let record = scripts[script], record.isPaused != isPaused else { return }
    scripts[script]?.isPaused = isPaused
    publish(
      isPaused ? .schedulerPaused : .schedulerResumed, of: script, reason: reason, depth: depth,
      into: &effects)
    for index in indices(of: record)
    where jobs[index].state == .active && jobs[index].schedule.isTimed {
      if isPaused {
        disarm(index)
        writeStatus(index, into: &effects)
      } else {
        rearm(index, pause: "with its script", into: &effects)
        if jobs[index].state == .active { writeResumed(index, into: &effects) }
        removeIfEnded(index, into: &effects)
      }
    }
  }

  func isPaused(_ script: ScriptID) -> Bool { scripts[script]?.isPaused ?? false }
}
