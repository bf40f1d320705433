import Moonwheel

/// The result of one test.
struct TestResult {
  var file: String
  var name: String
  /// The duration in real time.
  var seconds: Double
  var failure: RunFailure?
}

extension ContinuousClock.Instant {
  /// Seconds of real time from this instant to now.
  var secondsToNow: Double { (.now - self) / .seconds(1) }
}
