import CLuaBridge

/// SHA-256 of texts (FIPS 180-4), and what is built on it.
///
/// Safe because the calls of C write 32 bytes into an array of 32.
package enum Digest {
  package static func sha256(_ bytes: [UInt8]) -> [UInt8] {
    var result = [UInt8](repeating: 0, count: 32)
    unsafe mw_sha256(bytes, bytes.count, &result)
    return result
  }

  /// RFC 2104.
  package static func hmac(_ key: [UInt8], _ bytes: [UInt8]) -> [UInt8] {
    var block = key.count > 64 ? sha256(key) : key
    block += [UInt8](repeating: 0, count: 64 - block.count)
    return sha256(block.map { $0 ^ 0x5c } + sha256(block.map { $0 ^ 0x36 } + bytes))
  }

  package static func hex(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(
      decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
