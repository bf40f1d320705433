import LuaRuntime
import SystemCalls
import Triggers
import WorkerPool

/// How the time that runs compute is measured, and how they are kept within their limits meanwhile.
package enum RunMeter: Sendable {
  /// By the machine's clocks; workers are pressed when a turn lasts.
  case machine
  /// By counting VM instructions, where time is virtual: computing takes none until it has lasted.
  case counted(InstructionMeter)

  /// What a turn began with.
  struct Turn {
    fileprivate var began: Int64
    fileprivate var cpu: Int64 = 0
  }

  /// Sets the isolate's limits for a turn of a run that begins now.
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

  /// Adds to the run what its turn has used.
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

  /// Sets the isolate's limits for a short errand of the host's, of so many nanoseconds; answers what ends it.
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
