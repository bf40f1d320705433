import Triggers

/// Jobs whose trigger is a function of the script. The core cannot call the function. It sends a request to a worker,
/// and arms the job with the answer.
///
///     fire of 12:00 ──► "after 12:00?" ──► a worker, in Lua ──► "12:07" ──► armed for 12:07
///
/// There is one request between two fires, and one more after a reload. The core ignores an answer to any request but
/// the job's last, such as that of an earlier generation. A pause drops the request. While the request after a reload
/// is open, the job stays armed for the earlier answer, so that no fire is lost.
///
/// ``JobRecord/anchor`` holds the instant of the last request.
extension SchedulerCore {
  /// Requests the first instant after `last`, or after now if that is nil, and in the job's window. Returns false if
  /// the job has no trigger function or no further fire.
  mutating func requestNextFire(of index: JobIndex, after last: Int64?, into effects: inout Effects)
    -> Bool
  {
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
    let isCatchUp = jobs[index].schedule.openRequest?.isCatchUp ?? false
    jobs[index].schedule = .custom(.init(number: lastRequest, isCatchUp: isCatchUp))
    effects.requests.append(
      NextFireRequest(
        generation: generations[jobs[index].generation].id, job: id(of: index),
        handle: jobs[index].handle, callback: callback,
        after: Timestamp(nanoseconds: jobs[index].anchor), number: lastRequest))
    return true
  }

  /// Asks again after a load, since the new function may give another answer, also for a job that had finished.
  mutating func requestAgain(_ index: JobIndex, into effects: inout Effects) {
    guard jobs[index].schedule.isCustom, !isPaused(jobs[index].script) else { return }
    let isOver = jobs[index].state == .finished
    _ = requestNextFire(of: index, after: isOver ? nil : jobs[index].anchor, into: &effects)
  }

  /// Asks again after a change of the window.
  mutating func retimeCustom(_ index: JobIndex, into effects: inout Effects) {
    guard jobs[index].state != .paused, !isPaused(jobs[index].script),
      !requestNextFire(of: index, after: nil, into: &effects)
    else { return }
    endJob(index, into: &effects)
  }

  /// Asks after a restart for the first instant that was not handled. If it has passed, it was missed.
  mutating func requestAfterDowntime(
    _ index: JobIndex, since: Timestamp, into effects: inout Effects
  ) {
    guard !isPaused(jobs[index].script) else { return }
    arm(index, due: nil, after: since.nanoseconds, into: &effects)
    guard let request = jobs[index].schedule.openRequest else { return }
    jobs[index].schedule = .custom(.init(number: request.number, isCatchUp: true))
  }

  mutating func nextFireAnswered(_ answer: NextFireAnswer, into effects: inout Effects) {
    guard let index = index(of: answer.job), let request = jobs[index].schedule.openRequest,
      request.number == answer.number, !isDraining
    else { return }
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
    case .failure(let failure): endJob(index, failure: failure, into: &effects)
    case .success(nil): endJob(index, into: &effects)
    case .success(let next?) where request.isCatchUp && hasPassed(next, of: index):
      catchUp(
        index, from: next.nanoseconds, cause: "the host was down", isLoss: true, into: &effects)
      writeStatus(index, into: &effects)
    case .success(let next?):
      armOrFire(next.nanoseconds, index, into: &effects)
      if jobs[index].due &- clock.wall.nanoseconds >= Self.storedGap {
        writeStatus(index, into: &effects)
      }
    }
    removeIfEnded(index, into: &effects)
  }

  private func hasPassed(_ instant: Timestamp, of index: JobIndex) -> Bool {
    instant.advanced(by: jitter(of: index, at: instant.nanoseconds)) <= clock.wall
  }

  /// An instant at least this far away is stored at once, since the function might return another one after a restart.
  private static let storedGap: Int64 = 1_000_000_000

  /// Arms the job, or fires late if the instant passed while the function ran. The next request is about the instants
  /// after now, so that a slow function does not fall behind for ever.
  private mutating func armOrFire(_ due: Int64, _ index: JobIndex, into effects: inout Effects) {
    let now = clock.wall.nanoseconds
    guard due.saturatingSum(jitter(of: index, at: due)) <= now, isInWindow(due, of: index) else {
      arm(index, due: due, into: &effects)
      return
    }
    jobs[index].due = due
    jobs[index].fires += 1
    store.hasHandled = true
    arm(index, due: nil, after: now, into: &effects)
    request(.fire(wall(due, of: index)), index, into: &effects)
  }
}
