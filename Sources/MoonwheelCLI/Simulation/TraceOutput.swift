import Moonwheel
import MoonwheelSimulation

/// Prints a trace in some form.
protocol TraceOutput: Sendable {
  /// Takes the next entry; on the simulation's thread.
  func take(_ entry: TraceEntry)
  /// Prints the rest, when the simulation has come to its end. Throws an exit code other than 0.
  func finish(at end: Timestamp) throws
}
