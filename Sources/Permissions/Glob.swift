/// A pattern of names in which `*` stands for any text, also none. All else stands for itself.
struct Glob: Sendable, Hashable {
  private let bytes: [UInt8]

  init(_ text: some StringProtocol) { bytes = Array(text.utf8) }

  /// In O(length of pattern × length of text), without recursion.
  func matches(_ text: some StringProtocol) -> Bool { covers(Array(text.utf8)) }

  /// Whether all that `other` matches is matched by this one.
  func covers(_ other: Glob) -> Bool { covers(other.bytes) }

  /// A `*` in `text` stands for itself: only a `*` of the pattern takes it.
  private func covers(_ text: [UInt8]) -> Bool {
    var (at, next) = (0, 0)
    /// Where the last `*` is, and how far its text goes.
    var star: (pattern: Int, text: Int)?
    while next < text.count {
      if at < bytes.count, bytes[at] == Self.star {
        star = (at, next)
        at += 1
      } else if at < bytes.count, bytes[at] == text[next], text[next] != Self.star {
        at += 1
        next += 1
      } else if let last = star {
        star = (last.pattern, last.text + 1)
        (at, next) = (last.pattern + 1, last.text + 1)
      } else {
        return false
      }
    }
    return bytes[at...].allSatisfy { $0 == Self.star }
  }

  private static let star = UInt8(ascii: "*")
}
