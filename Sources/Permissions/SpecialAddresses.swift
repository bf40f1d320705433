/// Which addresses that are not ordinary hosts of the Internet a name may lead to: for what is sent later, when the
/// grants of its script may not be at hand.
package enum SpecialAddresses {
  /// Whether an address is ordinary, or in one of these networks.
  package static func allow(_ address: String, in networks: [String]) -> Bool {
    guard let address = IPAddress(address) else { return false }
    guard address.isSpecial else { return true }
    return networks.contains { IPNetwork($0)?.contains(address) == true }
  }
}

extension Grants {
  /// The networks of special addresses to which a name may lead, as far as one address stands for its network; the address
  /// itself for a host that is one.
  package func specialNetworks(of host: String, port: Int?, scheme: String) -> [String] {
    if HostText.isAddress(host) { return [host] }
    let isLocal = allowsAddress("127.0.0.1", of: host, port: port, scheme: scheme)
    return (isLocal ? ["127.0.0.0/8", "::1"] : [])
      + Self.probes.filter { probe in
        allowsAddress(probe.address, of: host, port: port, scheme: scheme)
      }.map(\.network)
  }

  private static let probes: [(network: String, address: String)] = [
    ("10.0.0.0/8", "10.0.0.1"), ("172.16.0.0/12", "172.16.0.1"),
    ("192.168.0.0/16", "192.168.0.1"), ("100.64.0.0/10", "100.64.0.1"),
    ("169.254.0.0/16", "169.254.0.1"), ("fc00::/7", "fd00::1"), ("fe80::/10", "fe80::1"),
  ]
}
