import MoonwheelModel
import Triggers

/// Instants of a trigger that have passed, oldest to newest, on the job's clock.
struct PassedFires {
  var first: Int64
  /// The one before the latest; equal to it if there is one alone.
  var previous: Int64
  var latest: Int64
  /// How many there are before the latest.
  var missed: Int64
  /// What follows; nil if nothing does.
  var next: Int64?
}

/// Fires that were missed: while the host was down or asleep, the job was paused, or the clock jumped.
extension SchedulerCore {
  /// How many missed instants of a calendar are counted one by one.
  private static let countedMisses: Int64 = 10_000

  /// The instants from `due` on that have been reached.
  func passed(from due: Int64, until now: Int64, of index: Int) -> PassedFires {
    let period = jobs[index].period
    if period > 0 {
      let missed = now - due < period ? 0 : (now - due) / period
      let latest = due + missed * period
      let (next, overflow) = latest.addingReportingOverflow(period)
      return PassedFires(
        first: due, previous: missed > 0 ? latest - period : latest, latest: latest,
        missed: missed, next: overflow ? nil : next)
    }
    var fires = PassedFires(first: due, previous: due, latest: due, missed: 0, next: nil)
    while let next = instant(after: fires.latest, of: index) {
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

  /// What becomes of missed fires of a job; nil in the policy depends on what a restart could bring back.
  func catchup(of index: Int) -> Catchup {
    jobs[index].policy.value.catchup
      ?? (store.isDurable && jobs[index].isNamed && isStored(index) ? .latest : .none)
  }

  /// Arms the next fire of a job whose fires from `due` on have passed, all of them missed, and does with these what the
  /// policy says. The store is to be told of the job then, so that the next host does not do so again.
  mutating func catchUp(_ index: Int, from due: Int64, cause: String, into effects: inout Effects) {
    let fires = counting(passed(from: due, until: now(of: index), of: index), of: index)
    settleInstants(of: index)
    if catchup(of: index) == .none {
      jobs[index].fires += 1
      decideMissed(
        index, from: fires.first, through: fires.latest, count: fires.missed + 1, reason: cause,
        into: &effects)
    } else {
      runMissed(fires, index, cause: cause, into: &effects)
      jobs[index].fires += 1
      if catchup(of: index) == .all {
        enqueueCatchUp(at: wall(fires.latest, of: index), index, into: &effects)
      } else {
        runLatest(fires, index, cause: cause, into: &effects)
      }
    }
    // Now that they are counted, `times` may be used up.
    arm(index, due: fires.next, into: &effects)
    if jobs[index].hasRow { write(countsChange(index), into: &effects) }
  }

  /// The host was so late that fires of a period have passed: the latest runs, as late as it is; those before it are
  /// missed.
  mutating func catchUp(
    _ fires: PassedFires, _ index: Int, cause: String, into effects: inout Effects
  ) {
    switch catchup(of: index) {
    case .none:
      decideMissed(
        index, from: fires.first, through: fires.previous, count: fires.missed, reason: cause,
        into: &effects)
      _ = requestFire(at: wall(fires.latest, of: index), index, into: &effects)
    case .latest: runLatest(fires, index, cause: cause, into: &effects)
    case .all:
      runMissed(fires, index, cause: cause, into: &effects)
      enqueueCatchUp(at: wall(fires.latest, of: index), index, into: &effects)
    }
  }

  /// One run for them all.
  private mutating func runLatest(
    _ fires: PassedFires, _ index: Int, cause: String, into effects: inout Effects
  ) {
    let run = requestFire(at: wall(fires.latest, of: index), index, into: &effects)
    guard fires.missed > 0 else { return }
    guard let run else {
      decideMissed(
        index, from: fires.first, through: fires.previous, count: fires.missed, reason: cause,
        into: &effects)
      return
    }
    decide(
      .coalesced, index, at: wall(fires.first, of: index), through: wall(fires.previous, of: index),
      count: fires.missed, reason: "\(cause); run \(run) stands for it", run: run, into: &effects)
  }

  private mutating func decideMissed(
    _ index: Int, from first: Int64, through last: Int64, count: Int64, reason: String,
    into effects: inout Effects
  ) {
    decide(
      .missed, index, at: wall(first, of: index), through: wall(last, of: index), count: count,
      reason: reason, into: &effects)
  }

  /// With `catchup = "all"`: the fires before the latest, as many as the limit allows with it, oldest first.
  private mutating func runMissed(
    _ fires: PassedFires, _ index: Int, cause: String, into effects: inout Effects
  ) {
    guard catchup(of: index) == .all else { return }
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
        reason: "\(cause), and catchup_limit is \(limit + 1)", into: &effects)
    }
    while due < fires.latest {
      jobs[index].fires += 1
      enqueueCatchUp(at: wall(due, of: index), index, into: &effects)
      guard let next = instant(after: due, of: index) else { break }
      due = next
    }
  }

  /// Cuts off what `till` and `times` do not count; so many of them are counted already.
  func counting(
    _ fires: PassedFires, of index: Int, counted before: Int64 = 0
  ) -> PassedFires {
    guard jobs[index].hasWindow else { return fires }
    let window = jobs[index].policy.value.window
    var counted = PassedFires(
      first: fires.first, previous: fires.first, latest: fires.first, missed: 0, next: fires.next)
    while counted.latest < fires.latest, counted.missed < Self.countedMisses,
      let next = instant(after: counted.latest, of: index), next <= fires.latest
    {
      let number = jobs[index].fires - before + counted.missed + 1
      guard
        window.contains(wall(next, of: index), after: number, registered: jobs[index].registered)
      else {
        counted.next = nil
        return counted
      }
      counted.previous = counted.latest
      counted.latest = next
      counted.missed += 1
    }
    return counted
  }
}
