import Moonwheel
import MoonwheelSimulation

/// Prints a trace in some form.
protocol TraceOutput: Sendable {
  /// Takes the next entry.
  mutating func take(_ entry: TraceEntry)
  /// Prints the rest at the end of the simulation. Throws an exit code other than 0.
  mutating func finish(at end: Timestamp) throws
}
