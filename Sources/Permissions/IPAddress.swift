/// An address of the Internet Protocol, of version 4 or 6.
struct IPAddress: Sendable, Hashable {
  let bits: UInt128
  /// How many bits an address has: 32 or 128.
  let width: Int

  init(v4: UInt32) {
    bits = UInt128(v4)
    width = 32
  }

  init(v6: UInt128) {
    bits = v6
    width = 128
  }

  /// Nil for a text that is not an address in its usual form: four decimal numbers without leading zeros, or groups of
  /// hexadecimal digits. Other forms, such as `127.1`, are how filters of addresses are fooled.
  init?(_ text: some StringProtocol) {
    if let v4 = Self.v4(text) {
      self.init(v4: v4)
    } else if let v6 = Self.v6(text) {
      self.init(v6: v6)
    } else {
      return nil
    }
  }

  private static func v4(_ text: some StringProtocol) -> UInt32? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var bits: UInt32 = 0
    for part in parts {
      guard (1...3).contains(part.utf8.count), part.utf8.allSatisfy(\.isDigit),
        part == "0" || !part.hasPrefix("0"), let number = UInt8(part)
      else { return nil }
      bits = bits << 8 | UInt32(number)
    }
    return bits
  }

  private static func v6(_ text: some StringProtocol) -> UInt128? {
    guard text.utf8.count <= 45 else { return nil }
    guard let gap = Self.gap(in: String(text)) else {
      return groups(text).flatMap { $0.count == 8 ? joined($0) : nil }
    }
    guard let head = groups(gap.head), let tail = groups(gap.tail), head.count + tail.count < 8
    else { return nil }
    return joined(head + Array(repeating: 0, count: 8 - head.count - tail.count) + tail)
  }

  /// The texts around the first `::`; nil if there is none.
  private static func gap(in text: String) -> (head: Substring, tail: Substring)? {
    var last: String.Index?
    for index in text.indices where text[index] == ":" {
      if let last, text.index(after: last) == index {
        return (text[..<last], text[text.index(after: index)...])
      }
      last = index
    }
    return nil
  }

  private static func joined(_ groups: [UInt16]) -> UInt128 {
    groups.reduce(0) { $0 << 16 | UInt128($1) }
  }

  /// Groups between colons; the last may be an address of version 4, which is two groups.
  private static func groups(_ text: some StringProtocol) -> [UInt16]? {
    guard !text.isEmpty else { return [] }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    var groups: [UInt16] = []
    for (index, part) in parts.enumerated() {
      if index == parts.count - 1, part.contains("."), let v4 = v4(part) {
        groups += [UInt16(v4 >> 16), UInt16(truncatingIfNeeded: v4)]
      } else if (1...4).contains(part.utf8.count), part.utf8.allSatisfy(\.isHexDigit),
        let group = UInt16(part, radix: 16)
      {
        groups.append(group)
      } else {
        return nil
      }
    }
    return groups
  }

  /// The address of version 4 that this one stands for, in one of the ways in which version 6 writes those; nil for
  /// others.
  var embedded: IPAddress? {
    guard width == 128 else { return nil }
    let low = IPAddress(v4: UInt32(truncatingIfNeeded: bits))
    switch bits >> 32 {
    case 0, 0xffff, 0x0064_ff9b_0000_0000_0000_0000: return low
    default: break
    }
    return bits >> 112 == 0x2002 ? IPAddress(v4: UInt32(truncatingIfNeeded: bits >> 80)) : nil
  }

  /// Whether it is not an ordinary address of a host of the Internet: of this machine, of a private network, or one that
  /// leads there in another form.
  var isSpecial: Bool { Self.special.contains { $0.contains(self) } }

  private static let special: [IPNetwork] = [
    // this host, private, shared, loopback, link-local, protocols, documentation, relays, tests, multicast, reserved
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
    "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",
    "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
    // version 4 in old form, mapped, translated, discard, protocols, documentation, 6to4, unique local, link-local,
    // site-local, multicast
    "::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23",
    "2001:db8::/32", "2002::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
  ].compactMap { IPNetwork($0) }

  /// `127.0.0.0/8` and `::1`.
  var isLoopback: Bool { width == 32 ? bits >> 24 == 127 : bits == 1 }
}

/// The addresses that begin with the same bits.
struct IPNetwork: Sendable, Hashable {
  let address: IPAddress
  /// How many bits are the same.
  let prefix: Int

  init(_ address: IPAddress) { self.init(address, prefix: address.width) }

  private init(_ address: IPAddress, prefix: Int) {
    self.address = address
    self.prefix = prefix
  }

  /// `10.0.0.0/8`, or an address. Nil for a text that is neither. The other bits are set to zero.
  init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let address = parts.first.flatMap({ IPAddress($0) }) else { return nil }
    guard parts.count == 2 else {
      self.init(address)
      return
    }
    guard parts[1].utf8.allSatisfy(\.isDigit), let prefix = Int(parts[1]),
      prefix <= address.width
    else { return nil }
    let shift = UInt128(address.width - prefix)
    let bits = (address.bits >> shift) << shift
    self.init(
      address.width == 32 ? IPAddress(v4: UInt32(bits)) : IPAddress(v6: bits), prefix: prefix)
  }

  func contains(_ other: IPAddress) -> Bool { contains(IPNetwork(other)) }

  func contains(_ other: IPNetwork) -> Bool {
    guard address.width == other.address.width, prefix <= other.prefix else { return false }
    let shift = UInt128(address.width - prefix)
    return (address.bits ^ other.address.bits) >> shift == 0
  }
}

extension UInt8 {
  var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }

  var isHexDigit: Bool {
    isDigit || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(self | 0x20)
  }
}
