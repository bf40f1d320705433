import ModuleKit
import ScriptHost
import Transfers

/// The headers of a request: those that the script gives, and those that its options mean.
extension HTTPOptions {
  /// What libcurl writes, which a script must not contradict: they say where a request ends, and to whom it goes.
  private static let ours: Set<String> = [
    "connection", "content-length", "expect", "host", "keep-alive", "te", "trailer",
    "transfer-encoding", "upgrade",
  ]

  func headers() throws(Mistake) -> [TransferHeader] {
    var headers: [TransferHeader] = []
    for (name, values) in try pairs("headers") {
      guard name.utf8.allSatisfy(\.isTokenByte) else {
        throw mistake("headers: \(Value.string(name).described) is no name of a header")
      }
      guard !Self.ours.contains(name.lowercased()) else {
        throw mistake("headers: \(name) is set by http itself")
      }
      for value in values {
        guard !value.contains(where: { $0 == 0 || $0 == 10 || $0 == 13 }) else {
          throw mistake(
            "headers.\(name) has a line break or a byte of zero, which no header can have")
        }
        headers.append(TransferHeader(name, bytes: value))
      }
    }
    return headers
  }

  /// The header with the credentials that the options or the URL have; nil if there are none.
  func authorization(_ url: TransferURL) throws(Mistake) -> TransferHeader? {
    let given = ["aws", "basic", "bearer"].filter { self[$0] != nil }
    guard given.count < 2 else {
      throw mistake("\(given[0]) and \(given[1]) do not go together")
    }
    if let token = try text("bearer") {
      guard token.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else {
        throw mistake("bearer has a byte that no token can have")
      }
      return TransferHeader("Authorization", "Bearer \(token)")
    }
    if let basic = self["basic"] {
      guard let user = basic[1]?.text ?? basic["user"]?.text,
        let password = basic[2]?.text ?? basic["password"]?.text, !user.contains(":")
      else { throw mistake("basic must be { user, password }, and the user has no colon") }
      return Self.basic(user, password)
    }
    guard given.isEmpty, let user = url.user else { return nil }
    return Self.basic(user, url.password ?? "")
  }

  private static func basic(_ user: String, _ password: String) -> TransferHeader {
    TransferHeader("Authorization", "Basic \(Base64.encode(Array("\(user):\(password)".utf8)))")
  }
}

extension UInt8 {
  /// Whether it may be in the name of a header or of a method (RFC 9110).
  var isTokenByte: Bool {
    switch self {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: "!#$%&'*+-.^_`|~".utf8.contains(self)
    }
  }
}

enum Base64 {
  private static let digits = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  static func encode(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    var index = 0
    while index < bytes.count {
      let rest = min(3, bytes.count - index)
      var group: UInt32 = 0
      for offset in 0..<3 {
        group = group << 8 | (offset < rest ? UInt32(bytes[index + offset]) : 0)
      }
      for offset in 0..<4 {
        let digit = digits[Int(group >> UInt32(18 - 6 * offset) & 63)]
        text.append(offset <= rest ? digit : UInt8(ascii: "="))
      }
      index += 3
    }
    return String(decoding: text, as: UTF8.self)
  }
}

/// Percent signs.
enum PercentEncoding {
  private static let hexDigits = Array("0123456789ABCDEF".utf8)

  /// With all bytes encoded but letters, digits, `-`, `.`, `_`, `~` and those of `also` (RFC 3986).
  static func encode(_ bytes: some Sequence<UInt8>, also: String = "") -> String {
    var text: [UInt8] = []
    for byte in bytes {
      if isUnreserved(byte) || also.utf8.contains(byte) {
        text.append(byte)
      } else {
        text += [UInt8(ascii: "%"), hexDigits[Int(byte >> 4)], hexDigits[Int(byte & 15)]]
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  private static func isUnreserved(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: "-._~".utf8.contains(byte)
    }
  }

  /// `a=1&b=2`
  static func pairs(_ pairs: [(name: String, values: [[UInt8]])]) -> String {
    pairs.flatMap { pair in
      pair.values.map { "\(encode(pair.name.utf8))=\(encode($0))" }
    }.joined(separator: "&")
  }
}
