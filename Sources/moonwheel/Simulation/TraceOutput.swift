import Moonwheel

/// What a simulation shows of its trace.
protocol TraceOutput: Sendable {
  /// In the order of the trace; on the simulation's thread.
  func take(_ entry: TraceEntry)
  /// Writes what is left, when the simulation has come to its end. Throws what ends the command otherwise than well.
  func finish(at end: Timestamp) throws
}
