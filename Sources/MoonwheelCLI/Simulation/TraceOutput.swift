import Moonwheel
import MoonwheelSimulation

/// Prints a trace in some form.
protocol TraceOutput: Sendable {
  /// Takes the next entry. The simulation's thread calls it.
  func take(_ entry: TraceEntry)
  /// Prints the rest at the end of the simulation. Throws an exit code other than 0.
  func finish(at end: Timestamp) throws
}
