import JobHistory
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
    let newline = UInt8(ascii: "\n")
    var rest: [UInt8] = []
    var number = 0
    var isAtEnd = false
    while !isAtEnd {
      let bytes: ArraySlice<UInt8>
      do { bytes = try file.read() } catch { throw unreadable(error) }
      isAtEnd = bytes.isEmpty
      rest += bytes
      // The last line may lack its end.
      if isAtEnd && !rest.isEmpty { rest.append(newline) }
      var start = 0
      while let end = rest[start...].firstIndex(of: newline) {
        number += 1
        guard let line = TraceLine(rest[start..<end]) else {
          throw failure("line \(number) is not a line of a trace")
        }
        body(line, rest[start..<end])
        start = end + 1
      }
      rest.removeFirst(start)
    }
    guard number > 0 else { throw failure("it is empty") }
  }

  private func failure(_ problem: String) -> Failure {
    Failure(
      "\(setting.name): \(path.escapingControls): \(problem); save one with \"moonwheel simulate ... --json > FILE\"",
      code: 2)
  }

  private func unreadable(_ refusal: InputFile.Refusal) -> Failure {
    failure("cannot be read (\(refusal))")
  }
}
