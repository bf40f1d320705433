import LuaRuntime
import SystemCalls
import Triggers
import WorkerPool

/// Measures how long runs compute, and sets the limits of each turn.
package enum RunMeter: Sendable {
  /// By the machine's clocks; a signal preempts a turn that is too long.
  case machine
  /// By counting VM instructions, for virtual time.
  case counted(InstructionMeter)

  /// The counters at the start of a turn.
  struct Turn {
    fileprivate var began: Int64
    fileprivate var cpu: Int64 = 0
  }

  /// Sets the isolate's limits for a turn that begins now.
  func begin(_ run: ActiveRun, in isolate: Isolate, elapsed: Int64, sliceEnd: Int64) -> Turn {
    switch self {
    case .machine:
      let began = Clocks.monotonic()
      isolate.setLimits(run.turn(elapsed: elapsed, monotonic: began, sliceEnd: sliceEnd))
      return Turn(began: began, cpu: run.limits.cpu != .max ? Clocks.threadCPU() : 0)
    case .counted:
      isolate.setLimits(InstructionMeter.workLimits(of: run, elapsed: elapsed))
      return Turn(began: isolate.workDone)
    }
  }

  /// Adds the time of the turn to the run.
  func end(_ turn: Turn, of run: inout ActiveRun, in isolate: Isolate) {
    switch self {
    case .machine:
      if run.limits.cpu != .max { run.cpu += Clocks.threadCPU() - turn.cpu }
      run.workerTime += Clocks.monotonic() - turn.began
    case .counted:
      let used = (isolate.workDone - turn.began) * InstructionMeter.instruction
      run.cpu += used
      run.workerTime += used
    }
  }

  /// Sets the isolate's limits for a short call by the host, of `call` nanoseconds.
  func begin(call: Int64, in isolate: Isolate) -> Turn {
    switch self {
    case .machine:
      let now = Clocks.monotonic()
      isolate.setLimits(
        TurnLimits(sliceEnd: now + call / 2, softAt: now + call, evictAt: now + 2 * call))
      return Turn(began: now)
    case .counted:
      let most = call / InstructionMeter.instruction
      isolate.setLimits(WorkLimits(slice: most / 2, soft: most, most: most))
      return Turn(began: isolate.workDone)
    }
  }
}
