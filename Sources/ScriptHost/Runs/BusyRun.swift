import MoonwheelModel

/// A run that has been preempted, and how much it had used then.
struct BusyRun {
  var run: Run.ID
  var used: Int64
  /// Whether it was told that it computes for long.
  var isTold = false
}
