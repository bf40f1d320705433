import MoonwheelModel

/// A run that holds no thread.
struct ParkedRun {
  var run: ActiveRun
  var park: ParkID
  /// Elapsed time at which the wait is over; nil is never.
  var deadline: Int64?
}
