import Moonwheel
import MoonwheelReports
import MoonwheelSimulation
import Synchronization

/// `--dry`: prints when each job fires.
final class FireList: TraceOutput {
  private let log: Mutex<FireLog>
  private let buffer = LineBuffer()

  init(zone: Zone) { log = Mutex(FireLog(zone: zone)) }

  func take(_ entry: TraceEntry) {
    if let line = log.withLock({ $0.line(entry) }) { buffer.append(line) }
  }

  func finish(at end: Timestamp) {
    buffer.append(log.withLock { $0.ending(at: end) })
    buffer.flush()
  }
}
