import Glibc

/// A trace that was saved before; read a piece at a time, as often as it is asked for.
///
/// Safe because the buffer outlives the calls that fill it, and the system's words are copied.
struct TraceFile {
  private static let pieceSize = 1 << 20
  let path: String
  /// Under which the user gave it.
  private let setting: Setting

  init(_ setting: Setting) {
    path = setting.text
    self.setting = setting
  }

  /// Calls with each line, taken apart. What cannot be read, or is no trace, ends the command.
  func forEachLine(_ body: (TraceLine, ArraySlice<UInt8>) -> Void) throws(Failure) {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw unreadable(Self.words(errno)) }
    defer { close(descriptor) }
    guard lseek(descriptor, 0, SEEK_SET) == 0 else { throw unreadable("it is no file") }
    var buffer = [UInt8](repeating: 0, count: Self.pieceSize)
    var rest: [UInt8] = []
    var number = 0
    while true {
      let count = unsafe read(descriptor, &buffer, Self.pieceSize)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw unreadable(Self.words(errno)) }
      if count == 0 { break }
      let piece = rest + buffer[..<count]
      var start = 0
      while let end = piece[start...].firstIndex(of: UInt8(ascii: "\n")) {
        number += 1
        try tell(piece[start..<end], number, body)
        start = end + 1
      }
      rest = Array(piece[start...])
    }
    if !rest.isEmpty {
      number += 1
      try tell(rest[...], number, body)
    }
    guard number > 0 else { throw Failure(message: "\(place): it is empty; \(remedy)", code: 2) }
  }

  private func tell(
    _ bytes: ArraySlice<UInt8>, _ number: Int, _ body: (TraceLine, ArraySlice<UInt8>) -> Void
  ) throws(Failure) {
    guard let line = TraceLine(bytes) else {
      throw Failure(
        message: "\(place): line \(number) is not of a trace; \(remedy)", code: 2)
    }
    body(line, bytes)
  }

  private var place: String { "moonwheel: \(setting.name): \(LogPretty.visible(path))" }
  private var remedy: String { "save one with \"moonwheel simulate ... --json > FILE\"" }

  private static func words(_ code: Int32) -> String { unsafe String(cString: strerror(code)) }

  private func unreadable(_ why: String) -> Failure {
    Failure(message: "\(place): cannot be read (\(why)); \(remedy)", code: 2)
  }
}
