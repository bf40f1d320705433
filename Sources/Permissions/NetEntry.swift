/// An entry of ``PermissionKind/net``: hosts and the port at which they may be reached.
struct NetEntry: Sendable, Hashable {
  enum Hosts: Sendable, Hashable {
    /// All hosts.
    case any
    case name(HostName)
    /// The names that end with a dot and this one.
    case below(HostName)
    case network(IPNetwork)
  }

  enum Port: Sendable, Hashable {
    /// The default port of the protocol.
    case standard
    case any
    case number(Int)
  }

  let hosts: Hosts
  let port: Port
  /// Whether the names may lead to special addresses.
  let isPrivate: Bool

  /// Throws what is wrong with the entry.
  init(_ text: String) throws(EntryProblem) {
    let words = text.split(separator: " ", omittingEmptySubsequences: true)
    guard let place = words.first else { throw EntryProblem("there is no host") }
    guard words.count == 1 || words.count == 2 && words[1] == "private" else {
      throw EntryProblem("only the word private may follow a host, as in \"db.lan:5432 private\"")
    }
    isPrivate = words.count == 2
    try Self.refuseURL(place)
    let (host, port) = try Self.split(place)
    self.port = port
    hosts = try Self.hosts(host)
  }

  private static func refuseURL(_ place: Substring) throws(EntryProblem) {
    let remedy = "write a host and, if it is another one than usual, its port, as in"
    for scheme in ["https://", "http://"] where place.lowercased().hasPrefix(scheme) {
      let rest = place.dropFirst(scheme.count).prefix { !"/?#".contains($0) }
      guard !rest.isEmpty, !rest.contains("@"), rest.utf8.count < 200 else { break }
      throw EntryProblem("this is an address of a page; write the host alone: \"\(rest)\"")
    }
    if place.contains("://") { throw EntryProblem("this is a URL; \(remedy) \"example.com:8080\"") }
    if place.contains("@") {
      throw EntryProblem("there are no users in it; \(remedy) \"example.com\"")
    }
  }

  /// The host and the port of `example.com:80`, `10.0.0.0/8:443`, `[::1]:80`, `[fd00::/8]:80`, `::1`.
  private static func split(_ place: Substring) throws(EntryProblem) -> (Substring, Port) {
    if place.hasPrefix("[") {
      guard let end = place.firstIndex(of: "]") else { throw EntryProblem("there is no ]") }
      let host = place[place.index(after: place.startIndex)..<end]
      let rest = place[place.index(after: end)...]
      guard !rest.isEmpty else { return (host, .standard) }
      guard rest.hasPrefix(":") else {
        throw EntryProblem("only a port may follow ], as in \"[::1]:8080\"")
      }
      return (host, try Self.port(rest.dropFirst()))
    }
    guard let colon = place.lastIndex(of: ":"), place.firstIndex(of: ":") == colon else {
      return (place, .standard)  // without a port, or an address of version 6
    }
    return (place[..<colon], try port(place[place.index(after: colon)...]))
  }

  private static func port(_ text: Substring) throws(EntryProblem) -> Port {
    if text == "*" { return .any }
    guard text.utf8.allSatisfy(\.isDigit), let number = Int(text), (1...65_535).contains(number)
    else {
      throw EntryProblem(
        "a port is a number from 1 to 65535, or * for any, not \"\(text.prefix(20))\"")
    }
    return .number(number)
  }

  private static func hosts(_ host: Substring) throws(EntryProblem) -> Hosts {
    if host == "*" { return .any }
    if host.hasPrefix("*.") { return .below(try HostName(host.dropFirst(2))) }
    if let slash = host.firstIndex(of: "/") {
      guard let network = IPNetwork(host) else {
        throw EntryProblem(
          "permissions know hosts and not paths: write the host alone, \"\(host[..<slash].prefix(100))\", or a network, as in \"10.0.0.0/8\""
        )
      }
      guard let address = IPAddress(host[..<slash]), network.address == address else {
        throw EntryProblem(
          "this network has bits after its first \(network.prefix), which must be 0")
      }
      return .network(network)
    }
    if let address = IPAddress(host) { return .network(IPNetwork(address)) }
    guard !host.contains(":") else {
      throw EntryProblem(
        "this is no address; write those with colons in brackets if a port follows")
    }
    return .name(try HostName(host))
  }
}

extension NetEntry {
  /// Whether the entry is about a host and port. `standard` is the default port of the protocol, and `port` nil if it is
  /// that one. An address is never matched by a name.
  func matches(_ host: WantedHost, port: Int?, standard: Int?) -> Bool {
    guard matches(port: port, standard: standard) else { return false }
    return switch (hosts, host) {
    case (.any, .name): true
    case (.any, .address(let address)): isPrivate || !address.isSpecial
    case (.name(let name), .name(let wanted)): name == wanted
    case (.below(let name), .name(let wanted)): wanted.text.hasSuffix("." + name.text)
    case (.network(let network), .address(let address)): network.contains(address)
    case (.name, .address), (.below, .address), (.network, .name): false
    }
  }

  private func matches(port: Int?, standard: Int?) -> Bool {
    switch self.port {
    case .any: true
    case .standard: port == nil || port == standard
    case .number(let number): number == port ?? standard
    }
  }

  /// Whether a rule that denies hits a host, at any port unless it names one.
  func denies(_ host: WantedHost, port: Int?, standard: Int?) -> Bool {
    if case .number(let number) = self.port, let port = port ?? standard, port != number {
      return false
    }
    return switch (hosts, host) {
    case (.any, _): true
    case (.name(let name), .name(let wanted)): name == wanted
    case (.below(let name), .name(let wanted)): wanted.text.hasSuffix("." + name.text)
    case (.network(let network), .address(let address)):
      network.contains(address) || address.embedded.map { network.contains($0) } == true
    case (.name, .address), (.below, .address), (.network, .name): false
    }
  }

  /// Whether a name that this entry matches may lead to an address.
  func leads(to address: IPAddress) -> Bool {
    !address.isSpecial || isPrivate
      || hosts == .localhost && address.isLoopback
  }

  /// Whether all that `other` allows is allowed by this entry.
  func covers(_ other: NetEntry) -> Bool {
    guard isPrivate || !other.isPrivate || other.isAddress, port == .any || port == other.port
    else { return false }
    return switch (hosts, other.hosts) {
    case (.any, .any), (.any, .name), (.any, .below): true
    case (.any, .network(let network)):
      isPrivate || network.prefix == network.address.width && !network.address.isSpecial
    case (.name(let name), .name(let narrow)): name == narrow
    case (.below(let name), .name(let narrow)): narrow.text.hasSuffix("." + name.text)
    case (.below(let name), .below(let narrow)):
      name == narrow || narrow.text.hasSuffix("." + name.text)
    case (.network(let network), .network(let narrow)): network.contains(narrow)
    case (.name, _), (.below, _), (.network, _): false
    }
  }

  /// Whether this entry, as a rule that denies, leaves nothing of another one.
  func deniesAll(_ other: NetEntry) -> Bool {
    if case .number = port, port != other.port { return false }
    return switch (hosts, other.hosts) {
    case (.any, _): true
    case (.name(let name), .name(let narrow)): name == narrow
    case (.below(let name), .name(let narrow)): narrow.text.hasSuffix("." + name.text)
    case (.below(let name), .below(let narrow)):
      name == narrow || narrow.text.hasSuffix("." + name.text)
    case (.network(let network), .network(let narrow)): network.contains(narrow)
    case (.name, _), (.below, _), (.network, _): false
    }
  }

  private var isAddress: Bool { if case .network = hosts { true } else { false } }
}

extension NetEntry.Hosts {
  fileprivate static var localhost: NetEntry.Hosts? {
    do throws(EntryProblem) {
      return .name(try HostName("localhost"))
    } catch {
      return nil
    }
  }
}

/// A host that a script wants to reach.
enum WantedHost: Sendable, Hashable {
  case name(HostName)
  case address(IPAddress)

  /// Nil for a text that is neither.
  init?(_ text: some StringProtocol) {
    let host = text.hasPrefix("[") && text.hasSuffix("]") ? text.dropFirst().dropLast() : text[...]
    if let address = IPAddress(host) {
      self = .address(address)
      return
    }
    do throws(EntryProblem) {
      self = .name(try HostName(host))
    } catch {
      return nil
    }
  }
}
