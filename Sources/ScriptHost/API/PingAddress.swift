/// Where a URL leads, as far as it must be known before anything is sent. Who sends it reads it once more.
struct PingAddress {
  private static let longest = 2_048

  /// As an entry of `net` has it: `host`, or `host:port`.
  let authority: String
  let host: String
  let port: Int?
  let scheme: String

  /// Nil for a text that is no URL of http or https, or has a user in it.
  init?(_ text: String) {
    guard text.utf8.count <= Self.longest,
      !text.unicodeScalars.contains(where: { $0.value < 32 || $0.value == 127 }),
      let mark = text.firstRange(of: "://")
    else { return nil }
    scheme = text[..<mark.lowerBound].lowercased()
    guard scheme == "http" || scheme == "https" else { return nil }
    let authority = String(text[mark.upperBound...].prefix { !"/?#\\".contains($0) })
    let end = authority.hasPrefix("[") ? authority.firstIndex(of: "]") : authority.startIndex
    guard let end, !authority.contains("@"), !authority.contains(" ") else { return nil }
    let colon = authority[end...].firstIndex(of: ":")
    let port = colon.flatMap { Int(authority[$0...].dropFirst()) }
    guard colon == nil || port.map({ (1...65_535).contains($0) }) == true else { return nil }
    self.authority = authority
    host = String(authority[..<(colon ?? authority.endIndex)])
    self.port = port
    guard !host.isEmpty else { return nil }
  }
}
