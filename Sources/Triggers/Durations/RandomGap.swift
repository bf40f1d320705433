/// The ends of a random gap: `5 to 10 minutes`, `30s to 2m`, `5-10 minutes`.
struct RandomGap {
  private let text: String
  /// The positions where the text of the first end stops and that of the second begins.
  private let low: Int
  private let high: Int

  /// Nil if the text is something else.
  init?(_ text: String) {
    var cursor = Cursor(text)
    guard let first = cursor.peek, isDigit(first), text.utf8.count <= 100 else { return nil }
    self.text = text
    if let place = cursor.firstWord(of: ["to"]) {
      guard cursor.firstWord(of: ["from", "between"]) == nil, place + 2 < cursor.end else {
        return nil
      }
      (low, high) = (place - 1, place + 3)
      return
    }
    cursor.skip { isDigit($0) || isLetter($0) || $0 == UInt8(ascii: ".") || isSpace($0) }
    low = cursor.position
    guard cursor.eat("-") else { return nil }
    cursor.skipSpaces()
    high = cursor.position
  }

  /// In nanoseconds. A first end without a unit has that of the second.
  func ends() throws(TriggerError) -> (low: Int64, high: Int64) {
    let longest: Int64
    do { longest = try DurationText.parse(text, from: high) } catch {
      guard Cursor(text).firstWord(of: ["at"]) == nil else {
        throw refused("a random gap has no place in the hour or the day")
      }
      throw error
    }
    let shortest = try DurationText.parse(firstEnd)
    guard shortest < longest else {
      throw refused("a random gap runs from the shorter to the longer")
    }
    return (shortest, longest)
  }

  private var firstEnd: String {
    let isNumber: (UInt8) -> Bool = { isDigit($0) || $0 == UInt8(ascii: ".") }
    var cursor = Cursor(text).within(0..<low)
    cursor.skip(while: isNumber)
    let first = cursor.text(0..<low)
    guard cursor.atEnd else { return first }
    var tail = Cursor(text)
    tail.position = high
    tail.skip(while: isNumber)
    return first + tail.rest
  }

  private func refused(_ why: String) -> TriggerError {
    TriggerError(.outOfRange, "every \(quoted(text)): \(why)", column: 1)
  }
}
