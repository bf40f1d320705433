import LuaRuntime
import SystemCalls
import Triggers

/// Measures how long runs compute, and sets the limits of each turn.
package enum RunMeter: Sendable {
  /// By the machine's clocks; a signal preempts a turn that is too long.
  case machine
  /// By counting VM instructions, for virtual time.
  case counted(InstructionMeter)

  /// The limits of a turn of a run, in a batch that begins at an elapsed time.
  func limits(of run: LiveRun, elapsed: Int64) -> TurnLimits {
    switch self {
    case .machine: run.turnLimits(elapsed: elapsed)
    case .counted: InstructionMeter.limits(of: run, elapsed: elapsed)
    }
  }

  /// The limits of the first turn of a run without a limit of processor time; nil for those of its job.
  var firstLimits: TurnLimits? {
    if case .machine = self { nil } else { InstructionMeter.firstLimits }
  }

  /// The limits of a short call by the host, of some nanoseconds.
  func limits(ofCall length: Int64) -> TurnLimits {
    switch self {
    case .machine: TurnLimits(soft: length, evict: 2 * length)
    case .counted:
      TurnLimits(
        soft: length / InstructionMeter.instruction, evict: length / InstructionMeter.instruction)
    }
  }

  /// The monotonic time at which all runs are interrupted, since a simulation has had its real time.
  var realEnd: Int64 { if case .counted(let meter) = self { meter.realEnd } else { .max } }

  /// When a short call by the host begins: now.
  var timeOfCall: BatchTime { BatchTime(now: Clocks.monotonic(), realEnd: realEnd) }

  /// The nanoseconds of a unit in which the isolate measures turns.
  var unit: Int64 { if case .machine = self { 1 } else { InstructionMeter.instruction } }

  /// The processor time of this thread, which counts for the limit of a run; nil if turns are measured otherwise.
  func threadTime(of run: LiveRun) -> Int64? {
    if case .machine = self, run.limits.cpu != .max { Clocks.threadCPU() } else { nil }
  }

  /// The time that a run has computed in virtual time; nil where only the pool knows what its script has used.
  func timeComputed(by run: LiveRun) -> Int64? {
    if case .counted = self { max(run.used, run.cpu) } else { nil }
  }
}
