import ArgumentParser
import Moonwheel
import Synchronization

/// Compares the trace with one that was saved before.
///
/// Lines are compared as a bag: the time is in the line, and the order of those of one instant does not count. Of the saved
/// ones, a hash of 64 bits each is held; the file is read again for those that found no partner.
final class TraceDiff: TraceOutput {
  private struct State {
    /// How often each line of the other trace has still to come.
    var missing: [Int: Int32] = [:]
    var same = 0
    var report: DiffReport
    var json: TraceJSON
  }

  private let other: TraceFile
  private let isJSON: Bool
  private let buffer = LineBuffer()
  private let state: Mutex<State>

  init(with other: TraceFile, zone: Zone, isJSON: Bool) throws(Failure) {
    self.other = other
    self.isJSON = isJSON
    var state = State(report: DiffReport(zone: zone), json: TraceJSON(zone: zone))
    try other.forEachLine { line, _ in state.missing[Self.hash(of: line), default: 0] += 1 }
    self.state = Mutex(state)
  }

  private static func hash(of line: TraceLine) -> Int {
    var hasher = Hasher()
    line.hash(into: &hasher)
    return hasher.finalize()
  }

  func take(_ entry: TraceEntry) {
    let bytes = Array(state.withLock { $0.json.line(entry) }.utf8)
    guard let line = TraceLine(bytes) else {
      preconditionFailure("no line of a trace: \(String(decoding: bytes, as: UTF8.self))")
    }
    state.withLock { state in
      guard !Self.find(line, in: &state.missing) else {
        state.same += 1
        return
      }
      show("+", line, bytes[...], &state)
    }
  }

  /// Takes a line away, if it is there.
  private static func find(_ line: TraceLine, in missing: inout [Int: Int32]) -> Bool {
    let hash = hash(of: line)
    guard let count = missing[hash] else { return false }
    missing[hash] = count > 1 ? count - 1 : nil
    return true
  }

  private func show(
    _ sign: Character, _ line: TraceLine, _ bytes: ArraySlice<UInt8>, _ state: inout State
  ) {
    state.report.note(sign, line)
    guard isJSON else { return }
    buffer.append("{\"diff\":\"\(sign)\"," + String(decoding: bytes.dropFirst(), as: UTF8.self))
  }

  func finish(at end: Timestamp) throws {
    let (report, same) = try state.withLock { state throws(Failure) in
      if !state.missing.isEmpty {
        try other.forEachLine { line, bytes in
          if Self.find(line, in: &state.missing) { show("-", line, bytes, &state) }
        }
      }
      return (state.report, state.same)
    }
    if !isJSON { for line in report.lines { buffer.append(line) } }
    buffer.flush()
    guard !report.isEmpty else { return }
    if same == 0 {
      complain("no line is the same: were --from, --tz and the scripts those of \(other.path)?")
    }
    throw ExitCode(1)
  }
}
