/// The forms in which a secret comes into text: as it is, as base64, in a URL, in JSON, and line by line.
enum SecretForms {
  /// Each once. None has fewer than ``SecretMask/shortest`` bytes.
  static func all(of secret: [UInt8]) -> Set<[UInt8]> {
    var forms: Set<[UInt8]> = []
    for part in [secret] + lines(of: secret) {
      forms.insert(part)
      forms.formUnion(base64(part))
      forms.formUnion(inURL(part))
      forms.formUnion(inJSON(part))
    }
    return forms.filter { $0.count >= SecretMask.shortest }
  }

  /// The lines of a secret that has several, since programs and logs are read by the line. Not the marks around a key, which
  /// are the same in all keys: `-----BEGIN PRIVATE KEY-----`.
  private static func lines(of secret: [UInt8]) -> [[UInt8]] {
    let lines = secret.split { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
    guard lines.count > 1 else { return [] }
    return lines.map { Array($0) }.filter {
      $0.count >= SecretMask.shortest && !$0.starts(with: "-----".utf8)
    }
  }

  // MARK: base64

  /// What of base64 depends on the secret alone, in both alphabets, wherever in a longer text it stands: a password within
  /// `user:password` is found, too.
  private static func base64(_ bytes: [UInt8]) -> [[UInt8]] {
    [0, 4, 2].flatMap { offset in
      [base64(bytes, from: offset, "+/"), base64(bytes, from: offset, "-_")]
    }
  }

  /// From a bit of the first byte on, without a last digit that has fewer than six bits.
  private static func base64(_ bytes: [UInt8], from offset: Int, _ last: String) -> [UInt8] {
    let alphabet = Array(
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789\(last)".utf8)
    return stride(from: offset, through: bytes.count * 8 - 6, by: 6).map { bit in
      let next = bit / 8 + 1 < bytes.count ? bytes[bit / 8 + 1] : 0
      let pair = Int(bytes[bit / 8]) << 8 | Int(next)
      return alphabet[pair >> (10 - bit % 8) & 63]
    }
  }

  // MARK: URL and JSON

  private static let lowDigits = Array("0123456789abcdef".utf8)
  private static let highDigits = Array("0123456789ABCDEF".utf8)

  private static func inURL(_ bytes: [UInt8]) -> [[UInt8]] {
    [lowDigits, highDigits].flatMap { digits in
      [false, true].map { plus in
        bytes.flatMap { byte -> [UInt8] in
          if plus, byte == UInt8(ascii: " ") { return [UInt8(ascii: "+")] }
          if isUnreserved(byte) { return [byte] }
          return [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
      }
    }
  }

  /// RFC 3986, 2.3.
  private static func isUnreserved(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
      UInt8(ascii: "_"), UInt8(ascii: "~"):
      true
    default: false
    }
  }

  /// Writers of JSON differ in slashes, and in what is not ASCII.
  private static func inJSON(_ bytes: [UInt8]) -> [[UInt8]] {
    let text = String(decoding: bytes, as: UTF8.self)
    guard text.utf8.elementsEqual(bytes) else { return [] }
    return [lowDigits, highDigits, nil].flatMap { digits in
      [false, true].map { slashes in escaped(text, slashes: slashes, notASCII: digits) }
    }
  }

  private static func escaped(
    _ text: String, slashes: Bool, notASCII digits: [UInt8]?
  ) -> [UInt8] {
    var result: [UInt8] = []
    for scalar in text.unicodeScalars {
      if let letter = letter(of: scalar, slashes: slashes) {
        result += [UInt8(ascii: "\\"), letter]
      } else if scalar.value < 32 || !scalar.isASCII && digits != nil {
        for unit in String(scalar).utf16 {
          result += Array("\\u".utf8)
          for shift in [12, 8, 4, 0] {
            result.append((digits ?? lowDigits)[Int(unit >> UInt16(shift) & 15)])
          }
        }
      } else {
        result += Array(String(scalar).utf8)
      }
    }
    return result
  }

  /// What stands behind the backslash.
  private static func letter(of scalar: Unicode.Scalar, slashes: Bool) -> UInt8? {
    switch scalar {
    case "\"", "\\": UInt8(ascii: scalar)
    case "/": slashes ? UInt8(ascii: "/") : nil
    case "\u{8}": UInt8(ascii: "b")
    case "\u{c}": UInt8(ascii: "f")
    case "\n": UInt8(ascii: "n")
    case "\r": UInt8(ascii: "r")
    case "\t": UInt8(ascii: "t")
    default: nil
    }
  }
}
