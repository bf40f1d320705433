import ArgumentParser
import Moonwheel
import MoonwheelReports
import MoonwheelSimulation
import Synchronization

/// `--diff`: compares the trace with a saved one, and ends with exit code 1 if they differ.
final class TraceDiff: TraceOutput {
  private struct State {
    var comparison: TraceComparison
    var json: TraceJSON
  }

  private let saved: TraceFile
  private let isJSON: Bool
  private let buffer = LineBuffer()
  private let state: Mutex<State>

  init(with saved: TraceFile, zone: Zone, isJSON: Bool) throws(Failure) {
    self.saved = saved
    self.isJSON = isJSON
    var state = State(comparison: TraceComparison(zone: zone), json: TraceJSON(zone: zone))
    try saved.forEachLine { line, _ in state.comparison.expect(line) }
    self.state = Mutex(state)
  }

  func take(_ entry: TraceEntry) {
    let bytes = Array(state.withLock { $0.json.line(entry) }.utf8)
    guard let line = TraceLine(bytes[...]) else {
      preconditionFailure(
        "this is not a line of a trace: \(String(decoding: bytes, as: UTF8.self))")
    }
    if state.withLock({ $0.comparison.take(line) }) { show("+", bytes[...]) }
  }

  private func show(_ sign: Character, _ bytes: ArraySlice<UInt8>) {
    guard isJSON else { return }
    buffer.append("{\"diff\":\"\(sign)\"," + String(decoding: bytes.dropFirst(), as: UTF8.self))
  }

  func finish(at end: Timestamp) throws {
    let comparison = try state.withLock { state throws(Failure) in
      if state.comparison.isIncomplete {
        try saved.forEachLine { line, bytes in
          if state.comparison.takeSaved(line) { show("-", bytes) }
        }
      }
      return state.comparison
    }
    if !isJSON { for line in comparison.report.lines { buffer.append(line) } }
    buffer.flush()
    guard !comparison.report.isEmpty else { return }
    if comparison.equalLines == 0 {
      printError("no line is equal: did \(saved.path) have the same --from, --tz and scripts?")
    }
    throw ExitCode(1)
  }
}
