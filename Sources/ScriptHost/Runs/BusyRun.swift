import MoonwheelModel

/// A run that was preempted and has not waited since.
struct BusyRun {
  var run: Run.ID
  /// Processor time of the run at its first preemption, in nanoseconds.
  var used: Int64
  /// Whether the host has warned that it computes for long.
  var isReported = false
}
