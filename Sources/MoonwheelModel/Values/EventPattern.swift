/// The event names that a handler wants: parts separated by dots, `*` for one part, `**` for any number of parts.
/// Several patterns are separated by `|`.
public struct EventPattern: Sendable, Hashable, CustomStringConvertible {
  enum Part: Sendable, Hashable {
    case literal(String)
    case one
    case any

    func accepts(_ text: Substring) -> Bool {
      switch self {
      case .literal(let literal): literal == text
      case .one: true
      case .any: false
      }
    }
  }

  let alternatives: [[Part]]
  public let text: String

  /// The length of the longest pattern, in bytes.
  public static let longest = 1_000

  /// Throws for an empty part, a `*` beside other characters, and a text that is too long.
  public init(_ text: String) throws(PatternError) {
    guard text.utf8.count <= Self.longest else {
      throw PatternError(
        pattern: text.prefix(40) + "...", reason: "it has more than \(Self.longest) bytes")
    }
    self.text = text
    alternatives = try text.split(separator: "|", omittingEmptySubsequences: false).map {
      (alternative) throws(PatternError) in
      try Self.parts(Self.trimmed(alternative), of: text)
    }
  }

  private static func trimmed(_ text: Substring) -> Substring {
    var text = text.drop(while: { $0 == " " })
    while text.last == " " { text.removeLast() }
    return text
  }

  private static func parts(_ name: Substring, of text: String) throws(PatternError) -> [Part] {
    try name.split(separator: ".", omittingEmptySubsequences: false).map {
      (part) throws(PatternError) in
      switch part {
      case "": throw PatternError(pattern: text, reason: "it has an empty part")
      case "*": return .one
      case "**": return .any
      default:
        if part.contains("*") {
          throw PatternError(pattern: text, reason: "* stands for a whole part: write \"a.*\"")
        }
        return .literal(String(part))
      }
    }
  }

  /// The event name, if the pattern matches exactly one; else nil.
  public var literal: String? {
    guard alternatives.count == 1 else { return nil }
    var names: [String] = []
    for part in alternatives[0] {
      guard case .literal(let name) = part else { return nil }
      names.append(name)
    }
    return names.joined(separator: ".")
  }

  /// The number of patterns that each event name must be compared with: 0 if the name can be looked up instead.
  package var comparisons: Int { literal == nil ? alternatives.count : 0 }

  public func matches(_ name: String) -> Bool { matches(parts: Self.parts(of: name)) }

  /// Splits an event's name once, to be matched against several patterns.
  package static func parts(of name: String) -> [Substring] {
    name.split(separator: ".", omittingEmptySubsequences: false)
  }

  package func matches(parts: [Substring]) -> Bool {
    for alternative in alternatives where Self.matches(alternative, parts) { return true }
    return false
  }

  /// After a mismatch, only the last `**` matches one part more, so the time is at most the product of the lengths.
  private static func matches(_ pattern: [Part], _ name: [Substring]) -> Bool {
    var p = 0
    var n = 0
    var last: (pattern: Int, name: Int)?
    while n < name.count {
      if p < pattern.count, case .any = pattern[p] {
        last = (p, n)
        p += 1
      } else if p < pattern.count, pattern[p].accepts(name[n]) {
        p += 1
        n += 1
      } else if let retry = last {
        last = (retry.pattern, retry.name + 1)
        p = retry.pattern + 1
        n = retry.name + 1
      } else {
        return false
      }
    }
    return pattern[p...].allSatisfy { $0 == .any }
  }

  public var description: String { text }
}

/// An event pattern that is not valid.
public struct PatternError: Error, Sendable, Hashable, CustomStringConvertible {
  public let pattern: String
  public let reason: String
  public var description: String { "event pattern \"\(pattern)\": \(reason)" }
}

/// The length of the longest event name, in bytes.
package let longestEventName = 256

/// True if an event can have the name: parts of at least one character, without `*`, `|` or spaces.
public func isEventName(_ name: String) -> Bool {
  guard name.utf8.count <= longestEventName else { return false }
  guard let isSimple = isSimpleEventName(name.utf8) else { return isAnyEventName(name) }
  return isSimple
}

/// A faster ``isEventName(_:)`` for ASCII; nil for other names.
private func isSimpleEventName(_ name: String.UTF8View) -> Bool? {
  var isEmpty = true
  var isName = true
  for byte in name {
    switch byte {
    case 0x80...: return nil
    case UInt8(ascii: "."):
      isName = isName && !isEmpty
      isEmpty = true
    case UInt8(ascii: "*"), UInt8(ascii: "|"), UInt8(ascii: " "), 9...13: isName = false
    default: isEmpty = false
    }
  }
  return isName && !isEmpty
}

private func isAnyEventName(_ name: String) -> Bool {
  name.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { part in
    !part.isEmpty && !part.contains { $0 == "*" || $0 == "|" || $0.isWhitespace }
  }
}
