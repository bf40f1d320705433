/// Advice about a script's text: at most one message per line of the script.
package struct WarningList {
  /// Warnings past this number are dropped.
  private static let limit = 100

  /// Each message begins with its position, as in `a.lua:12: `.
  package private(set) var messages: [String] = []
  private var positions: Set<String> = []

  var isFull: Bool { messages.count == Self.limit }

  /// Whether the line has a warning already.
  func has(_ position: String) -> Bool { positions.contains(position) }

  /// Returns the message; nil if the line has a warning already or the list is full.
  mutating func add(_ text: String, at position: String) -> String? {
    guard !isFull, positions.insert(position).inserted else { return nil }
    messages.append("\(position): \(text)")
    return messages.last
  }
}
