/// `a`, `a and b`, `a, b and c`.
func list(_ words: [String]) -> String {
  guard words.count > 1, let last = words.last else { return words.first ?? "" }
  return words.dropLast().joined(separator: ", ") + " and " + last
}

/// `1st`, `22nd`, `13th`.
func ordinalText(_ n: Int) -> String {
  let isTeen = (11...13).contains(n % 100)
  let suffix = isTeen ? "th" : [1: "st", 2: "nd", 3: "rd"][n % 10] ?? "th"
  return "\(n)\(suffix)"
}

/// A number that is not negative, padded with zeros to `width` digits.
func digits(_ value: Int64, _ width: Int) -> String {
  let text = String(value)
  return text.utf8.count >= width
    ? text : String(repeating: "0", count: width - text.utf8.count) + text
}

/// The text without spaces at its ends, and with one space for each run of white space.
func collapsed(_ text: String) -> String {
  guard text.utf8.count <= longestText else { return text }
  var bytes: [UInt8] = []
  bytes.reserveCapacity(text.utf8.count)
  for byte in text.utf8 {
    if !isSpace(byte) {
      bytes.append(byte)
    } else if let last = bytes.last, last != UInt8(ascii: " ") {
      bytes.append(UInt8(ascii: " "))
    }
  }
  if bytes.last == UInt8(ascii: " ") { bytes.removeLast() }
  return String(decoding: bytes, as: UTF8.self)
}
