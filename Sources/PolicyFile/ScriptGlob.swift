/// A pattern of the names of scripts, which are paths below the folder of the policy.
///
/// `*` stands for any characters of one name, `**` for any number of names, and `?` for one character; a backslash takes
/// the meaning from the next character. `*` alone stands for every script, at any depth.
package struct ScriptGlob: Sendable, Hashable, CustomStringConvertible {
  private enum Part: Sendable, Hashable {
    case byte(UInt8)
    /// One character that is no slash, in all its bytes.
    case one
    case star
    case doubleStar
    /// Nothing. So many of the next parts may be left out together.
    case optional(Int)
  }

  /// A longer pattern is refused.
  static let maxLength = 1_024

  package let description: String
  private let parts: [Part]

  /// The names that the pattern stands for are only this one; nil for a pattern with wildcards.
  package var name: String? {
    var bytes: [UInt8] = []
    for part in parts {
      guard case .byte(let byte) = part else { return nil }
      bytes.append(byte)
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  package init(_ text: String) {
    description = text
    parts = text == "*" ? [.doubleStar] : Self.parts(of: text)
  }

  private static func parts(of text: String) -> [Part] {
    var parts: [Part] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "\\"): parts.append(.byte(rest.popFirst() ?? byte))
      case UInt8(ascii: "?"): parts.append(.one)
      case UInt8(ascii: "*"):
        guard rest.first == byte else {
          parts.append(.star)
          continue
        }
        rest = rest.drop { $0 == byte }
        // `**/a.lua` is `a.lua` too.
        let isWhole = parts.last.map { $0 == .byte(slash) } ?? true
        if isWhole, rest.first == slash { parts.append(.optional(2)) }
        parts.append(.doubleStar)
      default: parts.append(.byte(byte))
      }
    }
    return parts
  }

  private static let slash = UInt8(ascii: "/")

  /// The pattern that stands for one name and no other.
  package init(name: String) {
    var text = ""
    for character in name.unicodeScalars {
      if "*?\\".unicodeScalars.contains(character) { text += "\\" }
      text.unicodeScalars.append(character)
    }
    self.init(text)
  }

  /// In O(length of the pattern × length of the name), without recursion.
  package func matches(_ name: String) -> Bool {
    // places[i]: the first i parts match the bytes so far.
    var places = [Bool](repeating: false, count: parts.count + 1)
    places[0] = true
    skipEmpty(&places)
    for byte in name.utf8 {
      step(&places, byte)
      guard places.contains(true) else { return false }
    }
    return places[parts.count]
  }

  private func step(_ places: inout [Bool], _ byte: UInt8) {
    let isContinuation = byte & 0xC0 == 0x80
    for index in stride(from: parts.count, through: 1, by: -1) {
      let before = places[index - 1]
      places[index] =
        switch parts[index - 1] {
        case .byte(let wanted): before && wanted == byte
        // Bytes that go on with a character stay in the place that its first byte has reached.
        case .one: isContinuation ? places[index] : before && byte != Self.slash
        case .star: (before || places[index]) && byte != Self.slash
        case .doubleStar: before || places[index]
        case .optional: false
        }
    }
    places[0] = false
    skipEmpty(&places)
  }

  /// Goes on over the parts that may stand for nothing.
  private func skipEmpty(_ places: inout [Bool]) {
    for (index, part) in parts.enumerated() where places[index] {
      switch part {
      case .byte, .one: continue
      case .star, .doubleStar: places[index + 1] = true
      case .optional(let count):
        places[index + 1] = true
        places[index + 1 + count] = true
      }
    }
  }
}
