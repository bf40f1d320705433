import Triggers

/// Lengths as plain numbers of seconds, for the command line and for tests.
extension Simulation {
  package func run(for seconds: Double) throws { try run(for: .seconds(seconds)) }

  package func plan(outageAt time: Timestamp, for seconds: Double) throws {
    try plan(outageAt: time, for: .seconds(seconds))
  }

  package func plan(clockStepAt time: Timestamp, by seconds: Double) throws {
    try plan(clockStepAt: time, by: .seconds(seconds))
  }
}
