import Moonwheel

/// The result of one test.
struct TestResult {
  var file: String
  var name: String
  /// The duration in real time.
  var seconds: Double
  var failure: RunFailure?
}

/// Real time, for reports.
enum TestClock {
  static var now: ContinuousClock.Instant { ContinuousClock.now }

  static func seconds(since start: ContinuousClock.Instant) -> Double {
    let length = (now - start).components
    return Double(length.seconds) + Double(length.attoseconds) / 1e18
  }
}
