import MoonwheelModel
import Triggers

/// The instants of a trigger that have passed, on the job's clock.
struct PassedFires {
  var first: Int64
  /// The one before the latest; equal to it if there is only one.
  var previous: Int64
  var latest: Int64
  /// The number of instants before the latest.
  var missed: Int64
  /// The next instant; nil if there is none.
  var next: Int64?
}

/// Catches up with fires that were missed while the host was down or asleep, the job was paused, or the clock jumped.
extension SchedulerCore {
  /// The most missed instants of a calendar that are counted.
  static let countedMisses: Int64 = 10_000

  /// The instants from `due` through `now`.
  func passed(from due: Int64, until now: Int64, of index: JobIndex) -> PassedFires {
    if let period = jobs[index].schedule.period {
      let missed = now - due < period ? 0 : (now - due) / period
      let latest = due + missed * period
      let (next, overflow) = latest.addingReportingOverflow(period)
      return PassedFires(
        first: due, previous: missed > 0 ? latest - period : latest, latest: latest,
        missed: missed, next: overflow ? nil : next)
    }
    var fires = PassedFires(first: due, previous: due, latest: due, missed: 0, next: nil)
    while let next = successor(of: fires.latest, index) {
      fires.next = next
      if next > now { return fires }
      fires.previous = fires.latest
      fires.latest = next
      fires.missed += 1
      if fires.missed == Self.countedMisses {
        fires.next = instant(after: now, of: index)
        return fires
      }
    }
    fires.next = nil
    return fires
  }

  /// The catch-up policy of a job, with the default for a policy that does not say.
  func catchup(of index: JobIndex) -> Catchup {
    jobs[index].policy.value.catchup
      ?? (store.isDurable && jobs[index].isNamed && isStored(index) ? .latest : .none)
  }

  /// Handles the fires from `due` on, all of which were missed, by the job's policy, and arms the next fire. The caller
  /// must write the job's row, so that the next host does not handle them again. `isLoss` is false if somebody has asked
  /// that they do not run.
  mutating func catchUp(
    _ index: JobIndex, from due: Int64, cause: String, isLoss: Bool, into effects: inout Effects
  ) {
    let fires = trimmedToWindow(passed(from: due, until: now(of: index), of: index), of: index)
    markInstantsHandled(of: index)
    jobs[index].fires += 1
    if catchup(of: index) == .none {
      decideMissed(
        index, from: fires.first, through: fires.latest, count: fires.missed + 1, reason: cause,
        isLoss: isLoss && losesMissedFires(index), into: &effects)
    } else {
      run(fires, index, cause: cause, isLoss: isLoss, into: &effects)
    }
    // This ends the job if the missed fires have used up `times`.
    arm(index, due: fires.next, into: &effects)
    if jobs[index].hasRow { write(countsChange(index), into: &effects) }
  }

  /// True if a missed fire that is not caught up is a loss: its time does not come again, and its script has not said
  /// `catchup = "none"`.
  private func losesMissedFires(_ index: JobIndex) -> Bool {
    jobs[index].options.contains(.wallTime) && jobs[index].policy.value.catchup == nil
  }

  /// The host was late by a whole period or more. The latest fire runs late; those before it were missed.
  mutating func catchUpLate(
    _ fires: PassedFires, _ index: JobIndex, cause: String, into effects: inout Effects
  ) {
    guard catchup(of: index) == .none else {
      run(fires, index, cause: cause, isLoss: true, into: &effects)
      return
    }
    decideMissed(
      index, from: fires.first, through: fires.previous, count: fires.missed, reason: cause,
      isLoss: false, into: &effects)
    request(.fire(wall(fires.latest, of: index)), index, into: &effects)
  }

  /// Runs missed fires: each, or the latest for all.
  private mutating func run(
    _ fires: PassedFires, _ index: JobIndex, cause: String, isLoss: Bool,
    into effects: inout Effects
  ) {
    guard catchup(of: index) == .all else {
      runLatest(fires, index, cause: cause, into: &effects)
      return
    }
    runMissed(fires, index, cause: cause, isLoss: isLoss, into: &effects)
    request(.caughtUp(wall(fires.latest, of: index)), index, into: &effects)
  }

  /// Starts one run for all of the fires.
  private mutating func runLatest(
    _ fires: PassedFires, _ index: JobIndex, cause: String, into effects: inout Effects
  ) {
    let run = request(.fire(wall(fires.latest, of: index)), index, into: &effects)
    guard fires.missed > 0 else { return }
    guard let run else {
      decideMissed(
        index, from: fires.first, through: fires.previous, count: fires.missed, reason: cause,
        isLoss: false, into: &effects)
      return
    }
    decide(
      .coalesced, index, at: wall(fires.first, of: index), through: wall(fires.previous, of: index),
      count: fires.missed, reason: "\(cause); run \(run) stands for it", run: run, into: &effects)
  }

  private mutating func decideMissed(
    _ index: JobIndex, from first: Int64, through last: Int64, count: Int64, reason: String,
    isLoss: Bool, into effects: inout Effects
  ) {
    decide(
      .missed, index, at: wall(first, of: index), through: wall(last, of: index), count: count,
      reason: reason, isLoss: isLoss, into: &effects)
  }

  /// With `catchup = "all"`: enqueues the fires before the latest, oldest first. With the latest they are at most
  /// `catchup_limit`.
  private mutating func runMissed(
    _ fires: PassedFires, _ index: JobIndex, cause: String, isLoss: Bool,
    into effects: inout Effects
  ) {
    let limit = Int64(jobs[index].policy.value.catchupLimit) - 1
    var due = fires.first
    var left = fires.missed
    var last = due
    while left > limit {
      last = due
      guard let next = instant(after: due, of: index), next <= fires.latest else { break }
      due = next
      left -= 1
    }
    if left < fires.missed {
      decideMissed(
        index, from: fires.first, through: last, count: fires.missed - left,
        reason: "\(cause), and catchup_limit is \(limit + 1)", isLoss: isLoss, into: &effects)
    }
    while due < fires.latest {
      jobs[index].fires += 1
      request(.caughtUp(wall(due, of: index)), index, into: &effects)
      guard let next = instant(after: due, of: index) else { break }
      due = next
    }
  }
}
