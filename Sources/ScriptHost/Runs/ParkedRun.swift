import MoonwheelModel

/// A run whose coroutine waits and holds no thread.
struct ParkedRun {
  var run: ActiveRun
  var park: ParkID
  /// Elapsed time at which the wait times out; nil for never.
  var deadline: Int64?
}
