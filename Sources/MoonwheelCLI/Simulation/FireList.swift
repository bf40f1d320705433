import Moonwheel
import MoonwheelReports
import MoonwheelSimulation
import Triggers

/// `--dry`: prints when each job fires.
struct FireList: TraceOutput {
  private var log: FireLog
  private var buffer = LineBuffer()

  init(zone: Zone) { log = FireLog(zone: zone) }

  mutating func take(_ entry: TraceEntry) {
    if let line = log.line(entry) { buffer.append(line) }
  }

  mutating func finish(at end: Timestamp) {
    buffer.append(log.ending(at: end))
    buffer.flush()
  }
}
