import Moonwheel

/// The whole trace, one object a line.
final class JSONTrace: TraceOutput {
  private let zone: Zone
  private let buffer = LineBuffer()

  init(zone: Zone) { self.zone = zone }

  func take(_ entry: TraceEntry) { buffer.append(TraceJSON.line(entry, in: zone)) }

  func finish(at end: Timestamp) { buffer.flush() }
}
