import Synchronization

/// Reads the lines of an open file, some at once.
final class LineReader: Sendable {
  private struct State {
    /// Nil once it is at the end, or closed.
    var source: (any PieceSource)?
    /// Bytes after the last line that was returned.
    var rest: [UInt8] = []
    var line = 0
  }

  private let state: Mutex<State>
  /// The script that has opened it.
  let script: String
  static let longest = 1 << 20

  init(_ source: any PieceSource, script: String) {
    state = Mutex(State(source: source))
    self.script = script
  }

  func close() { state.withLock { $0 = State() } }

  /// The next lines, at least one; none at the end. Blocks, and only one thread may call it.
  func next() throws(FileFailure) -> [[UInt8]] {
    var (source, rest, line) = state.withLock { ($0.source, $0.rest, $0.line) }
    var lines: [[UInt8]] = []
    while lines.isEmpty, let open = source {
      let piece = try open.next()
      if piece.isEmpty {
        source = nil
        if !rest.isEmpty { lines = [rest] }
        rest = []
      } else {
        let searched = rest.count
        rest += piece
        lines = Self.split(&rest, from: searched)
      }
      let longest = max(rest.count, lines.lazy.map(\.count).max() ?? 0)
      guard longest <= Self.longest else {
        close()
        throw .refused(
          .tooLarge, "a line after line \(line) has more than \(Bytes.text(Self.longest))")
      }
    }
    line += lines.count
    state.withLock { state in
      guard state.source != nil else { return }
      state = State(source: source, rest: rest, line: line)
    }
    return lines
  }

  /// Takes the whole lines out; `start` is where a line may end first.
  private static func split(_ bytes: inout [UInt8], from start: Int) -> [[UInt8]] {
    var lines: [[UInt8]] = []
    var begin = 0
    var place = start
    while let end = bytes[place...].firstIndex(of: 0x0a) {
      lines.append(Array(bytes[begin..<end]))
      begin = end + 1
      place = begin
    }
    bytes.removeFirst(begin)
    return lines
  }
}
