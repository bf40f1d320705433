/// The server that takes the mail of scripts, from a URL such as `smtp://user@mail.example:587?from=jobs@example.org`.
package struct MailServer: Sendable, Hashable {
  package struct Problem: Error, CustomStringConvertible {
    package let description: String
  }

  /// `smtp` or `smtps`.
  package let scheme: String
  /// Its password is the secret ``passwordName``.
  package var user: String?
  /// Without brackets.
  package let host: String
  /// Nil for the usual one: 25, or 465 of `smtps`.
  package var port: Int?
  /// Whether nothing is sent without TLS: always, but to this machine.
  package var demandsTLS: Bool
  /// A file with the certificates that vouch for the server, in place of the system's.
  package var authorities: String?
  /// Who sends a mail that does not say so.
  package var from: String?

  /// `from`, or else the user if that is an address.
  package var sender: String? { from ?? user.flatMap { $0.contains("@") ? $0 : nil } }

  package static let passwordName = "SMTP_PASSWORD"

  package init(_ text: String) throws(Problem) {
    let parts = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    guard let colon = parts[0].firstRange(of: "://"),
      let scheme = ["smtp", "smtps"].first(where: { $0 == parts[0][..<colon.lowerBound] })
    else {
      throw Problem(
        description: "must be a URL such as smtp://user@mail.example:587 or smtps://mail.example")
    }
    self.scheme = scheme
    var place = parts[0][colon.upperBound...]
    if place.last == "/" { place.removeLast() }
    if let at = place.lastIndex(of: "@") {
      let user = place[..<at]
      guard !user.contains(":") else {
        throw Problem(
          description:
            "has a password, which everybody could read: it is the secret \(Self.passwordName)")
      }
      self.user = try Self.decoded(user)
      place = place[place.index(after: at)...]
    }
    (host, port) = try Self.hostAndPort(place)
    demandsTLS = scheme == "smtps" || !Self.isLoopback(host)
    guard parts.count == 2 else { return }
    for option in parts[1].split(separator: "&") { try read(option) }
  }

  private mutating func read(_ option: Substring) throws(Problem) {
    let words = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let value = try Self.decoded(words.count == 2 ? words[1] : "")
    switch words[0] {
    case "from" where value.contains("@"): from = value
    case "ca" where !value.isEmpty: authorities = value
    case "tls" where value == "required": demandsTLS = true
    default:
      throw Problem(
        description: "\(option): there are from=ADDRESS, ca=FILE and tls=required")
    }
  }

  private static func hostAndPort(_ text: Substring) throws(Problem) -> (String, Int?) {
    var (host, port) = (text, Substring(""))
    if text.first == "[", let end = text.lastIndex(of: "]") {
      host = text[text.index(after: text.startIndex)..<end]
      port = text[text.index(after: end)...]
    } else if let colon = text.lastIndex(of: ":") {
      (host, port) = (text[..<colon], text[colon...])
    }
    let isName = host.utf8.allSatisfy { byte in
      byte > 32 && byte < 127 && !"/\\@?#[]%".utf8.contains(byte)
    }
    guard !host.isEmpty, isName else { throw Problem(description: "has no host") }
    guard !port.isEmpty else { return (String(host), nil) }
    guard port.first == ":", let number = UInt16(port.dropFirst()), number > 0 else {
      throw Problem(description: "has no port from 1 to 65535")
    }
    return (String(host), Int(number))
  }

  private static func decoded(_ text: Substring) throws(Problem) -> String {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard let code = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
        throw Problem(description: "has a % without two digits behind it")
      }
      bytes.append(code)
      rest = rest.dropFirst(2)
    }
    guard let result = String(validating: bytes, as: UTF8.self), !bytes.contains(where: { $0 < 32 })
    else { throw Problem(description: "has characters that it cannot have") }
    return result
  }

  /// Of a name or an address.
  package static func isLoopback(_ host: String) -> Bool {
    host == "localhost" || host == "::1"
      || host.hasPrefix("127.") && host.utf8.allSatisfy { $0 == 46 || (48...57).contains($0) }
  }
}
