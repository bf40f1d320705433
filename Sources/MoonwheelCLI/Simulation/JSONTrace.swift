import Moonwheel
import MoonwheelReports
import MoonwheelSimulation
import Synchronization

/// `--json`: prints the whole trace, one object a line.
final class JSONTrace: TraceOutput {
  private let json: Mutex<TraceJSON>
  private let buffer = LineBuffer()

  init(zone: Zone) { json = Mutex(TraceJSON(zone: zone)) }

  func take(_ entry: TraceEntry) { buffer.append(json.withLock { $0.line(entry) }) }

  func finish(at end: Timestamp) { buffer.flush() }
}
