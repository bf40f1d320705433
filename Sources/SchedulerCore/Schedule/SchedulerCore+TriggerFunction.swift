import Triggers

/// Jobs whose trigger is a function of the script. The core cannot call it: it asks, and arms the job with the answer.
///
///     fire of 12:00 ──► "after 12:00?" ──► a worker, in Lua ──► "12:07" ──► armed for 12:07
///
/// There is one question between two fires, and one more after a reload. An answer counts only while its question is the
/// job's last: not that of an earlier generation, and not one that comes after a pause. While a reload's question is open
/// the job stays armed for what the function said before, so that no fire is lost.
///
/// `anchor` holds the instant that the function was asked about last.
extension SchedulerCore {
  /// Asks for the first instant after one, nil is the present, or for the first of the job's window where that is yet to
  /// begin. False where there is nothing to ask.
  mutating func ask(_ index: Int, after last: Int64?, into effects: inout Effects) -> Bool {
    guard case .custom(let callback) = jobs[index].trigger,
      jobs[index].state == .active || jobs[index].state == .finished
    else { return false }
    let window = jobs[index].policy.value.window
    if let times = window.times, jobs[index].fires >= times { return false }
    guard !isDraining else { return true }
    let after = last ?? clock.wall.nanoseconds
    let start = window.requestBeforeStart(registered: jobs[index].registered)
    jobs[index].anchor = max(after, start?.nanoseconds ?? after)
    lastRequest &+= 1
    makeExtras(of: index).request = lastRequest
    effects.requests.append(
      NextFireRequest(
        generation: generations[Int(jobs[index].generation)].id, job: id(of: index),
        handle: jobs[index].handle, callback: callback,
        after: Timestamp(nanoseconds: jobs[index].anchor), number: lastRequest))
    return true
  }

  func dropRequest(_ index: Int) {
    jobs[index].extras?.request = nil
    jobs[index].extras?.isCatchUp = false
  }

  /// After a load, which may have brought another function: also one that goes on where the other had ended, or failed.
  mutating func requestAgain(_ index: Int, into effects: inout Effects) {
    guard jobs[index].isCustom, !isPaused(jobs[index].script) else { return }
    let isOver = jobs[index].state == .finished
    _ = ask(index, after: isOver ? nil : jobs[index].anchor, into: &effects)
  }

  /// The window is another one.
  mutating func retimeCustom(_ index: Int, into effects: inout Effects) {
    guard jobs[index].state != .paused, !isPaused(jobs[index].script),
      !ask(index, after: nil, into: &effects)
    else { return }
    finish(index, into: &effects)
  }

  /// First fires of a job that is new, or whose trigger is.
  mutating func beginCustom(_ index: Int, into effects: inout Effects) {
    let policy = jobs[index].policy.value
    guard !policy.paused, !isPaused(jobs[index].script) else { return }
    if policy.now, !isDraining { _ = requestFire(at: clock.wall, index, into: &effects) }
    arm(index, due: nil, into: &effects)
  }

  /// After a restart: the first instant that was not handled, if that has passed, is a missed one.
  mutating func requestAfterDowntime(
    _ index: Int, since: Timestamp, into effects: inout Effects
  ) {
    guard !isPaused(jobs[index].script) else { return }
    arm(index, due: nil, after: since.nanoseconds, into: &effects)
    jobs[index].extras?.isCatchUp = jobs[index].extras?.request != nil
  }

  mutating func nextFireAnswered(_ answer: NextFireAnswer, into effects: inout Effects) {
    guard let index = index(of: answer.job),
      jobs[index].extras?.request == answer.number, !isDraining
    else { return }
    let wasAbsent = jobs[index].extras?.isCatchUp == true
    disarm(index)
    jobs[index].isHeld = false
    if jobs[index].state == .finished {
      guard case .success(let next?) = answer.next, isInWindow(next.nanoseconds, of: index) else {
        return
      }
      jobs[index].state = .active
      jobs[index].extras?.reason = nil
    }
    switch answer.next {
    case .failure(let failure): finish(index, failure: failure, into: &effects)
    case .success(nil): finish(index, into: &effects)
    case .success(let next?) where wasAbsent && hasPassed(next, of: index):
      catchUp(index, from: next.nanoseconds, cause: "the host was down", into: &effects)
      writeStatus(index, into: &effects)
    case .success(let next?):
      take(next.nanoseconds, index, into: &effects)
      if jobs[index].due &- clock.wall.nanoseconds >= Self.keptGap {
        writeStatus(index, into: &effects)
      }
    }
    removeIfEnded(index, into: &effects)
  }

  private func hasPassed(_ instant: Timestamp, of index: Int) -> Bool {
    instant.advanced(by: jitter(of: index, at: instant.nanoseconds)) <= clock.wall
  }

  /// A next instant that is so far away is stored at once: asked after a restart, the function might tell another one.
  private static let keptGap: Int64 = 1_000_000_000

  /// An instant that has passed while the function was asked fires late; what lies between it and the present is passed
  /// over, so that a slow function does not fall behind for ever.
  private mutating func take(_ due: Int64, _ index: Int, into effects: inout Effects) {
    let now = clock.wall.nanoseconds
    guard due.saturatingSum(jitter(of: index, at: due)) <= now, isInWindow(due, of: index) else {
      arm(index, due: due, into: &effects)
      return
    }
    jobs[index].due = due
    jobs[index].fires += 1
    store.hasHandled = true
    arm(index, due: nil, after: now, into: &effects)
    _ = requestFire(at: wall(due, of: index), index, into: &effects)
  }

  /// The wall clock was set while the job waits for it: as with fixed times, a fire that was passed by less than three
  /// hours is late, and one that comes again does not.
  mutating func recomputeCustom(
    _ index: Int, after step: Int64, isCorrection: Bool, into effects: inout Effects
  ) {
    let isSkipped = step > 0 && jobs[index].due <= clock.wall.nanoseconds
    guard isCorrection, isSkipped || step < 0 else {
      _ = wheel.reschedule(jobs[index].timer, to: deadline(of: index))
      return
    }
    let due = jobs[index].due
    disarm(index)
    guard isSkipped else {
      arm(index, due: nil, into: &effects)
      return
    }
    defer { writeStatus(index, into: &effects) }
    let cause = "the clock was set forward by \(DurationText.format(step))"
    catchUp(index, from: due, cause: cause, into: &effects)
  }
}
