/// The first and the last part of what a program wrote, and how much that was.
package struct CapturedOutput: Sendable {
  private let limit: Int
  private var head: [UInt8] = []
  /// The last bytes after the head, from `start` on and then from its beginning.
  private var tail: [UInt8] = []
  private var start = 0
  /// All that was written, in bytes.
  package private(set) var total = 0

  /// - Parameter limit: how many bytes are kept.
  package init(atMost limit: Int) { self.limit = limit }

  private var headLimit: Int { limit - limit / 2 }
  private var tailLimit: Int { limit / 2 }

  /// How many bytes between head and tail are left out.
  package var omitted: Int { total - head.count - tail.count }

  /// Takes the next bytes. O(their count).
  package mutating func add(_ bytes: ArraySlice<UInt8>) {
    total += bytes.count
    var rest = bytes.dropFirst(headLimit - head.count)
    if head.count < headLimit { head += bytes.prefix(headLimit - head.count) }
    rest = rest.suffix(tailLimit)
    guard !rest.isEmpty else { return }
    let room = min(tailLimit - tail.count, rest.count)
    tail += rest.prefix(room)
    rest = rest.dropFirst(room)
    while !rest.isEmpty {
      let part = rest.prefix(tail.count - start)
      tail.replaceSubrange(start..<start + part.count, with: part)
      start = (start + part.count) % tail.count
      rest = rest.dropFirst(part.count)
    }
  }

  /// What was kept. Where bytes are left out there is a line that says how many.
  package var bytes: [UInt8] {
    guard omitted > 0 else { return head + tail }
    return head + Array("\n[... \(omitted) bytes left out ...]\n".utf8) + tail[start...]
      + tail[..<start]
  }

  /// The last line that is not empty, cut to 200 bytes; nil if there is none.
  package var lastLine: String? {
    let bytes = tail.isEmpty ? head : Array(tail[start...] + tail[..<start])
    let lines = bytes.suffix(4_096).split(separator: UInt8(ascii: "\n"))
    let last = lines.last { line in
      line.contains { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\r") }
    }
    return last.map { LineSplitter.text($0.prefix(200)) }
  }
}
