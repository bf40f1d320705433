import MoonwheelReports
import SystemCalls

/// A saved trace, which is read in pieces, as often as needed.
struct TraceFile {
  let path: String
  private let setting: Setting

  init(_ setting: Setting) {
    path = setting.text
    self.setting = setting
  }

  /// Calls `body` with each line, parsed and as bytes. Throws if the file cannot be read, or is not a trace.
  func forEachLine(_ body: (TraceLine, ArraySlice<UInt8>) -> Void) throws(Failure) {
    var file: InputFile
    do { file = try InputFile(path) } catch { throw unreadable(error) }
    var rest: [UInt8] = []
    var number = 0
    while true {
      let bytes: ArraySlice<UInt8>
      do { bytes = try file.read() } catch { throw unreadable(error) }
      if bytes.isEmpty { break }
      let piece = rest + bytes
      var start = 0
      while let end = piece[start...].firstIndex(of: UInt8(ascii: "\n")) {
        number += 1
        try parse(piece[start..<end], number, body)
        start = end + 1
      }
      rest = Array(piece[start...])
    }
    if !rest.isEmpty {
      number += 1
      try parse(rest[...], number, body)
    }
    guard number > 0 else { throw Failure(message: "\(place): it is empty; \(remedy)", code: 2) }
  }

  private func parse(
    _ bytes: ArraySlice<UInt8>, _ number: Int, _ body: (TraceLine, ArraySlice<UInt8>) -> Void
  ) throws(Failure) {
    guard let line = TraceLine(bytes) else {
      throw Failure(
        message: "\(place): line \(number) is not a line of a trace; \(remedy)", code: 2)
    }
    body(line, bytes)
  }

  private var place: String { "moonwheel: \(setting.name): \(path.escapingControls)" }
  private var remedy: String { "save one with \"moonwheel simulate ... --json > FILE\"" }

  private func unreadable(_ refusal: InputFile.Refusal) -> Failure {
    Failure(message: "\(place): cannot be read (\(refusal)); \(remedy)", code: 2)
  }
}
