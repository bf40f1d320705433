import MoonwheelModel
import Triggers

/// The options `from`, `till`, `times` and `jitter`: which instants of a trigger count, and how far a fire moves.
extension SchedulerCore {
  /// The delay of a fire after its nominal instant.
  @inline(__always)
  func jitter(of index: JobIndex, at due: Int64) -> Int64 {
    guard jobs[index].options.contains(.window) else { return 0 }
    return jobs[index].policy.value.window.delay(of: jobs[index].name, at: wall(due, of: index))
  }

  /// True if an instant counts that is `more` fires after the next one.
  @inline(__always)
  func isInWindow(_ due: Int64, of index: JobIndex, after more: Int64 = 0) -> Bool {
    !jobs[index].options.contains(.window)
      || jobs[index].policy.value.window.contains(
        wall(due, of: index), after: jobs[index].fires + more, registered: jobs[index].registered)
  }

  /// Removes the fires that `till` and `times` exclude. `before` of the fires are already in the job's count.
  func trimmedToWindow(
    _ fires: PassedFires, of index: JobIndex, counted before: Int64 = 0
  ) -> PassedFires {
    guard jobs[index].options.contains(.window) else { return fires }
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

  /// The first instant after now and after the start of the window. If the window starts later than now, a period
  /// counts from the start and fires first at it.
  mutating func firstInWindow(_ index: JobIndex) -> Int64? {
    let window = jobs[index].policy.value.window
    guard let start = window.start(registered: jobs[index].registered), start > clock.wall else {
      jobs[index].anchor = pastAnchor(of: index)
      return instant(after: now(of: index), of: index)
    }
    let bound =
      jobs[index].options.contains(.wallTime) ? start.nanoseconds : clock.elapsed(at: start)
    guard jobs[index].schedule.period != nil else { return instant(after: bound - 1, of: index) }
    jobs[index].anchor = bound
    return bound
  }

  /// Applies a new jitter to the next fire. The earlier fires are handled, whatever their delay was.
  mutating func applyJitterChange(_ index: JobIndex) {
    guard jobs[index].schedule.isTimed, jobs[index].timer != .none else { return }
    if !jobs[index].schedule.isCustom {
      makeExtras(of: index).since = min(clock.wall, wall(jobs[index].due - 1, of: index))
    }
    _ = wheel.reschedule(jobs[index].timer, to: deadline(of: index))
  }
}

extension FireWindow {
  /// The delay of a job's fire after its nominal instant.
  func delay(of name: String, at instant: Timestamp) -> Int64 {
    jitter > 0 ? Jitter.delay(upTo: jitter, seed: seed, name: name, at: instant) : 0
  }
}
