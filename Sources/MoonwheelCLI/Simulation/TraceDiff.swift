import ArgumentParser
import Moonwheel
import MoonwheelReports
import MoonwheelSimulation
import Triggers

/// `--diff`: compares the trace with a saved one, and ends with exit code 1 if they differ.
struct TraceDiff: TraceOutput {
  private let saved: TraceFile
  private let isJSON: Bool
  private var buffer = LineBuffer()
  private var comparison: TraceComparison
  private var json: TraceJSON

  init(with saved: TraceFile, zone: Zone, isJSON: Bool) throws(Failure) {
    self.saved = saved
    self.isJSON = isJSON
    comparison = TraceComparison(zone: zone)
    json = TraceJSON(zone: zone)
    try saved.forEachLine { line, _ in comparison.expect(line) }
  }

  mutating func take(_ entry: TraceEntry) {
    let bytes = Array(json.line(entry).utf8)
    guard let line = TraceLine(bytes[...]) else {
      preconditionFailure(
        "this is not a line of a trace: \(String(decoding: bytes, as: UTF8.self))")
    }
    if comparison.take(line) { show("+", bytes[...]) }
  }

  private mutating func show(_ sign: Character, _ bytes: ArraySlice<UInt8>) {
    guard isJSON else { return }
    buffer.append("{\"diff\":\"\(sign)\"," + String(decoding: bytes.dropFirst(), as: UTF8.self))
  }

  mutating func finish(at end: Timestamp) throws {
    if comparison.isIncomplete {
      try saved.forEachLine { line, bytes in
        if comparison.takeSaved(line) { show("-", bytes) }
      }
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
