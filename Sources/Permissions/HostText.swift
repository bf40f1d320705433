/// Hosts as they are compared and connected to.
package enum HostText {
  /// A host of a URL in the form in which names are compared: lower case, without a dot at the end, in ASCII. An address
  /// comes without brackets. Nil for a text that is neither a name nor an address.
  package static func canonical(_ text: String) -> String? {
    guard let host = WantedHost(text) else { return nil }
    switch host {
    case .name(let name): return name.text
    case .address: return text.hasPrefix("[") ? String(text.dropFirst().dropLast()) : text
    }
  }

  /// Whether it is an address, with or without brackets.
  package static func isAddress(_ text: String) -> Bool {
    if case .address? = WantedHost(text) { true } else { false }
  }
}
