import MoonwheelModel
import ScriptHost

/// An address of a mail, with the name of its owner if there is one: `Ann Lee <ann@example.org>`.
struct MailAddress: Sendable, Hashable {
  let name: String
  /// ASCII, with its domain in lower case.
  let address: String

  init(_ text: String, _ what: String) throws(Mistake) {
    guard text.unicodeScalars.allSatisfy({ $0.value >= 32 && $0.value != 127 }) else {
      throw Mistake("mail.send: \(what): an address has no line breaks or other control characters")
    }
    var (name, address) = (Substring(""), text[...])
    if let open = text.lastIndex(of: "<"), text.last == ">" {
      name = text[..<open]
      address = text[text.index(after: open)...].dropLast()
    }
    let trimmed = name.trimmed
    let isQuoted = trimmed.count > 1 && trimmed.first == "\"" && trimmed.last == "\""
    self.name = String(isQuoted ? trimmed.dropFirst().dropLast() : trimmed)
    let trimmedAddress = address.trimmed
    guard let at = trimmedAddress.lastIndex(of: "@") else {
      throw Self.wrong(text, what)
    }
    let (local, domain) = (
      trimmedAddress[..<at], trimmedAddress[trimmedAddress.index(after: at)...].lowercased()
    )
    guard Self.isLocal(local), Self.isDomain(domain), self.name.utf8.count <= 200 else {
      throw Self.wrong(text, what)
    }
    self.address = "\(local)@\(domain)"
  }

  private static func wrong(_ text: String, _ what: String) -> Mistake {
    Mistake(
      "mail.send: \(what): \(Value.string(text).described) is no address, such as \"ann@example.org\" or \"Ann Lee <ann@example.org>\""
    )
  }

  /// RFC 5321 without what is quoted: no address in use needs it.
  private static func isLocal(_ text: Substring) -> Bool {
    (1...64).contains(text.utf8.count) && text.first != "." && text.last != "."
      && text.utf8.allSatisfy { $0.isLetterOrDigit || "!#$%&'*+-/=?^_`{|}~.".utf8.contains($0) }
  }

  private static func isDomain(_ text: String) -> Bool {
    (1...190).contains(text.utf8.count)
      && text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
        !label.isEmpty && label.first != "-"
          && label.utf8.allSatisfy { $0.isLetterOrDigit || $0 == UInt8(ascii: "-") }
      }
  }

  var domain: String { String(address.split(separator: "@").last ?? "localhost") }
}

extension Substring {
  fileprivate var trimmed: Substring {
    var text = self
    while text.first == " " { text.removeFirst() }
    while text.last == " " { text.removeLast() }
    return text
  }
}

extension UInt8 {
  var isLetterOrDigit: Bool {
    switch self {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: false
    }
  }
}
