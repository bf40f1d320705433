import Moonwheel
import SchedulerCore
import ScriptHost
import Synchronization
import WorkerPool

/// A clock that stands still, moves by steps, runs ahead of the machine's clock, or follows it.
///
/// The shortest practical period of `every` is a millisecond, so 1,000 jobs on the machine's clock are due at most a
/// million times a second. To make more fires due, this clock runs ahead: it advances by a step whenever the timekeeper
/// has nothing left to do. It waits while ``lead`` steps are open; a marker job in each step reports its end. So no
/// fire is skipped or merged, and the number of due fires is known.
///
/// A reading costs as much as one of the machine's clock, because it makes one.
final class SteppedClock: SchedulerClock {
  private struct State: Sendable {
    var elapsed: Int64
    var mode = Mode.still
    var alarm: Alarm?
    /// Steps whose markers have not run.
    var open = 0
    var isWaiting = false
  }

  private enum Mode: Sendable {
    case still
    case ahead(step: Int64, until: Int64)
    /// Elapsed time of the machine, plus this offset.
    case machine(Int64)
  }

  /// The most steps that may be open.
  private static let lead = 4
  /// A whole number of the wheel's ticks, so that ticks and steps begin together.
  private static let start: Int64 = 1_000_000_000_000

  private let state = Condition(State(elapsed: start))
  /// A copy of the state's time for readers without the lock; -1: the machine's clock plus `skew`.
  private let still = Atomic<Int64>(start)
  private let skew = Atomic<Int64>(0)
  private let machine = SystemClock()
  private let offset: Int64

  /// Runs are measured as on the machine's clock; none lasts as long as a step.
  let pace: Int64 = 1

  init() {
    let now = machine.read()
    offset = now.wall.nanoseconds - Self.start
  }

  func read() -> ClockReading {
    let now = machine.read().elapsed
    let still = still.load(ordering: .acquiring)
    let elapsed = still < 0 ? now + skew.load(ordering: .relaxed) : still
    return ClockReading(elapsed: elapsed, wall: Timestamp(nanoseconds: elapsed + offset))
  }

  func sleep(until deadline: Int64?, on alarm: Alarm) {
    let sleeps: Int64?? = state.withLock { state in
      state.alarm = alarm
      switch state.mode {
      case .still: return .some(nil)
      case .machine(let skew): return .some(deadline.map { $0 - skew })
      case .ahead(let step, let until):
        guard state.elapsed < until else {
          state.mode = .still
          return .some(nil)
        }
        state.isWaiting = state.open >= Self.lead
        guard !state.isWaiting else { return .some(nil) }
        state.open += 1
        state.elapsed += step
        still.store(state.elapsed, ordering: .releasing)
        return nil
      }
    }
    guard let deadline = sleeps else { return }
    state.broadcast()
    _ = alarm.sleep(until: deadline)
  }

  /// Nil while the clock stands still, or advances only when the timekeeper's thread asks to sleep.
  func machineTime(of deadline: Int64?) -> Int64? {
    state.withLock { state in
      if case .machine(let skew) = state.mode { deadline.map { $0 - skew } } else { nil }
    }
  }

  /// Advances a clock that stands still. The caller must then make the scheduler read it.
  func step(by nanoseconds: Int64) {
    state.withLock { state in
      state.elapsed += nanoseconds
      still.store(state.elapsed, ordering: .releasing)
    }
  }

  /// Lets the clock run ahead by a length of time, in steps; returns after the last step.
  func runAhead(by nanoseconds: Int64, step: Int64) {
    precondition(nanoseconds % step == 0, "\(nanoseconds) ns are not whole steps of \(step)")
    let alarm = state.withLock { state in
      state.mode = .ahead(step: step, until: state.elapsed + nanoseconds)
      state.open = 0
      return state.alarm
    }
    alarm?.wakeThis()
    state.wait { state in
      if case .still = state.mode { false } else { true }
    }
  }

  /// Called when the marker of a step has run.
  func stepIsOver() {
    let alarm: Alarm? = state.withLock { state in
      state.open -= 1
      guard state.isWaiting, state.open <= Self.lead / 2 else { return nil }
      state.isWaiting = false
      return state.alarm
    }
    alarm?.wakeThis()
  }

  /// From now on the clock follows the machine's.
  func followMachine() {
    let alarm = state.withLock { state in
      let ahead = state.elapsed - machine.read().elapsed
      state.mode = .machine(ahead)
      skew.store(ahead, ordering: .relaxed)
      still.store(-1, ordering: .releasing)
      return state.alarm
    }
    alarm?.wakeThis()
  }
}
