import Moonwheel
import MoonwheelReports
import MoonwheelSimulation
import Triggers

/// `--json`: prints the whole trace, one object a line.
struct JSONTrace: TraceOutput {
  private var json: TraceJSON
  private var buffer = LineBuffer()

  init(zone: Zone) { json = TraceJSON(zone: zone) }

  mutating func take(_ entry: TraceEntry) { buffer.append(json.line(entry)) }

  mutating func finish(at end: Timestamp) { buffer.flush() }
}
