import LuaRuntime
import ModuleKit
import ScriptHost
import SystemCalls
import Transfers

/// Signs requests as Amazon's services want it (Signature Version 4).
struct AWSSignature: Sendable {
  var region: String
  var service: String
  var key: String
  var secret: String
  var token: String?

  init(region: String, service: String, key: String, secret: String, token: String? = nil) {
    self.region = region
    self.service = service
    self.key = key
    self.secret = secret
    self.token = token
  }

  /// Nil if the option is not there.
  init?(_ options: HTTPOptions) throws(Mistake) {
    guard let value = options["aws"] else { return nil }
    let known = ["key", "region", "secret", "service", "token"]
    guard let pairs = value.pairs, pairs.keys.allSatisfy({ known.contains($0.text ?? "") }) else {
      throw options.mistake(
        "aws must be a table with region, service, key, secret, and perhaps token")
    }
    func text(_ name: String) throws(Mistake) -> String {
      let text = value[name]?.text ?? ""
      guard !text.isEmpty, text.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else {
        throw options.mistake("aws.\(name) must be a string without spaces")
      }
      return text
    }
    self.init(
      region: try text("region"), service: try text("service"), key: try text("key"),
      secret: try text("secret"), token: value["token"] == nil ? nil : try text("token"))
  }

  /// What signs a request with this body.
  func signing(
    _ body: TransferBody
  ) -> @Sendable (TransferURL, String, [TransferHeader]) -> [TransferHeader] {
    let payload =
      switch body {
      case .none: Digest.hex(Digest.sha256([]))
      case .bytes(let bytes): Digest.hex(Digest.sha256(bytes))
      // Its hash would have to be known before it is read.
      case .source: "UNSIGNED-PAYLOAD"
      }
    return { url, method, headers in
      let sent = method == "GET" || method == "HEAD" ? Digest.hex(Digest.sha256([])) : payload
      return sign(method, url, headers, payload: sent, at: Clocks.wall() / 1_000_000_000)
    }
  }

  /// The headers to add. `time` is in seconds since 1970; `payload` is the hash of the body.
  func sign(
    _ method: String, _ url: TransferURL, _ headers: [TransferHeader], payload: String,
    at time: Int64
  ) -> [TransferHeader] {
    let date = Self.date(time)
    var added = [TransferHeader("X-Amz-Date", date)]
    if service == "s3" { added.append(TransferHeader("X-Amz-Content-Sha256", payload)) }
    if let token { added.append(TransferHeader("X-Amz-Security-Token", token)) }
    let (lines, names) = Self.canonical(headers + added, host: url.authority)
    let canonical = [
      method, canonicalPath(url), Self.canonicalQuery(url.query), lines, names, payload,
    ].joined(separator: "\n")
    let scope = "\(date.prefix(8))/\(region)/\(service)/aws4_request"
    let text =
      "AWS4-HMAC-SHA256\n\(date)\n\(scope)\n" + Digest.hex(Digest.sha256(Array(canonical.utf8)))
    var signature = Array("AWS4\(secret)".utf8)
    for part in [String(date.prefix(8)), region, service, "aws4_request", text] {
      signature = Digest.hmac(signature, Array(part.utf8))
    }
    added.append(
      TransferHeader(
        "Authorization",
        "AWS4-HMAC-SHA256 Credential=\(key)/\(scope), SignedHeaders=\(names), Signature=\(Digest.hex(signature))"
      ))
    return added
  }

  /// `20130524T000000Z`
  private static func date(_ time: Int64) -> String {
    func digits(_ number: Int64, _ count: Int = 2) -> String {
      let text = "\(number)"
      return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
    }
    let date = CivilDate.date(days: time / 86_400)
    let second = time % 86_400
    return digits(date.year, 4) + digits(date.month) + digits(date.day) + "T"
      + digits(second / 3_600) + digits(second / 60 % 60) + digits(second % 60) + "Z"
  }

  /// S3 takes a path as it is; other services encode it once more.
  private func canonicalPath(_ url: TransferURL) -> String {
    let once = PercentEncoding.encode(PercentEncoding.decode(url.path), also: "/")
    return service == "s3" ? once : PercentEncoding.encode(once.utf8, also: "/")
  }

  private static func canonicalQuery(_ query: String?) -> String {
    guard let query, !query.isEmpty else { return "" }
    let pairs = query.split(separator: "&").map { pair in
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return parts.prefix(2).map { part in
        PercentEncoding.encode(PercentEncoding.decode(String(part), spacesByPlus: true))
      }
    }
    let sorted = pairs.map { ($0[0], $0.count > 1 ? $0[1] : "") }.sorted { $0 < $1 }
    return sorted.map { "\($0.0)=\($0.1)" }.joined(separator: "&")
  }

  /// The lines of the headers, and their names, both sorted.
  private static func canonical(
    _ headers: [TransferHeader], host: String
  ) -> (lines: String, names: String) {
    var values: [String: [String]] = ["host": [host]]
    for header in headers {
      let name = header.name.lowercased()
      guard name != "user-agent", name != "authorization" else { continue }
      let words = String(decoding: header.value, as: UTF8.self).split(separator: " ")
      values[name, default: []].append(words.joined(separator: " "))
    }
    let names = values.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    let lines = names.map { "\($0):\((values[$0] ?? []).joined(separator: ","))\n" }
    return (lines.joined(), names.joined(separator: ";"))
  }
}

extension PercentEncoding {
  /// The bytes that a text stands for. A percent sign without two digits stands for itself.
  static func decode(_ text: String, spacesByPlus: Bool = false) -> [UInt8] {
    let bytes = Array(text.utf8)
    var decoded: [UInt8] = []
    var index = 0
    while index < bytes.count {
      if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count,
        let high = Character(UnicodeScalar(bytes[index + 1])).hexDigitValue,
        let low = Character(UnicodeScalar(bytes[index + 2])).hexDigitValue
      {
        decoded.append(UInt8(high << 4 | low))
        index += 3
      } else {
        decoded.append(spacesByPlus && bytes[index] == UInt8(ascii: "+") ? 32 : bytes[index])
        index += 1
      }
    }
    return decoded
  }
}
