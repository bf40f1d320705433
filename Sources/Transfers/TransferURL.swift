import CCurl
import Permissions

/// A URL as libcurl reads it, which is who connects in the end: no other parser has a say in where a request goes.
///
/// Safe because the texts that libcurl makes are copied before they are freed.
package struct TransferURL: Sendable, Hashable {
  /// Without a user, a password and a fragment, and encoded where it must be.
  package let text: String
  package let scheme: String
  /// A name in lower case and in ASCII, or an address without brackets.
  package let host: String
  /// Also if it is the usual one of the scheme.
  package let port: Int
  /// Encoded, from the slash on.
  package let path: String
  /// Encoded, without the question mark; nil if there is none.
  package let query: String?
  /// What the text had before the host.
  package let user: String?
  package let password: String?

  /// What is wrong with a URL.
  package struct Problem: Error, CustomStringConvertible {
    package let description: String

    package init(description: String) { self.description = description }
  }

  /// The most bytes of a URL.
  package static let longest = 16 << 10

  /// Reads a text, which may be relative to another URL. Call ``CurlLibrary/load()`` before.
  package init(_ text: String, relativeTo base: TransferURL? = nil) throws(Problem) {
    guard text.utf8.count <= Self.longest else {
      throw Problem(description: "it has more than \(Self.longest >> 10) KiB")
    }
    guard !text.utf8.contains(0) else { throw Problem(description: "it has a byte of zero") }
    let first = try Self.read(text, base?.text, host: nil)
    guard let host = HostText.canonical(first.host) else {
      throw Problem(description: "its host is neither a name nor an address")
    }
    let bracketed = host.contains(":") ? "[\(host)]" : host
    let url = bracketed == first.host ? first : try Self.read(text, base?.text, host: bracketed)
    guard url.text.utf8.count <= Self.longest else {
      throw Problem(description: "it has more than \(Self.longest >> 10) KiB")
    }
    self = url.with(host: host)
  }

  private init(_ parts: borrowing URLParts) {
    text = parts.text
    scheme = parts.scheme
    host = parts.host
    port = parts.port
    path = parts.path
    query = parts.query
    user = parts.user
    password = parts.password
  }

  /// With what another one had before its host.
  package func with(user: String?, password: String?) -> TransferURL {
    TransferURL(self, host: host, user: user, password: password)
  }

  private init(_ other: TransferURL, host: String, user: String?, password: String?) {
    text = other.text
    scheme = other.scheme
    self.host = host
    port = other.port
    path = other.path
    query = other.query
    self.user = user
    self.password = password
  }

  private func with(host: String) -> TransferURL {
    TransferURL(self, host: host, user: user, password: password)
  }

  private static func read(
    _ text: String, _ base: String?, host: String?
  ) throws(Problem) -> TransferURL {
    let parts = URLParts(text, base, host)
    if let problem = parts.problem { throw Problem(description: problem) }
    return TransferURL(parts)
  }

  /// Whether credentials for one are for the other.
  package func hasOrigin(of other: TransferURL) -> Bool {
    scheme == other.scheme && host == other.host && port == other.port
  }

  package var isAddress: Bool { HostText.isAddress(host) }

  /// Nil if it is the usual one of the scheme.
  package var namedPort: Int? { Self.usualPorts[scheme] == port ? nil : port }

  private static let usualPorts = ["http": 80, "https": 443, "smtp": 25, "smtps": 465]

  /// The host as a URL and a header have it: with brackets and the port where they are needed.
  package var authority: String {
    let name = host.contains(":") ? "[\(host)]" : host
    return namedPort.map { "\(name):\($0)" } ?? name
  }

  /// `GET https://example.com/a`, for messages: without a query, which may hold secrets.
  package var shown: String { String("\(scheme)://\(authority)\(path)".prefix(300)) }
}

/// The parts that libcurl makes of a URL, freed with this value.
@safe private struct URLParts: ~Copyable {
  private var parts = unsafe ccurl_url()
  let problem: String?

  init(_ text: String, _ base: String?, _ host: String?) {
    var parts = unsafe ccurl_url()
    let problem = unsafe Self.lend(base) { base in
      unsafe Self.lend(host) { host in unsafe ccurl_url_read(base, text, host, &parts) }
    }
    self.problem =
      unsafe problem.map { unsafe String(cString: $0) }
      ?? (unsafe parts.zone == nil ? nil : "an address with a zone cannot be used")
    unsafe self.parts = unsafe parts
  }

  deinit {
    var parts = unsafe parts
    unsafe ccurl_url_free(&parts)
  }

  private static func lend<Result>(
    _ text: String?, _ body: (UnsafePointer<CChar>?) -> Result
  ) -> Result {
    guard let text else { return body(nil) }
    return unsafe text.withCString { unsafe body($0) }
  }

  var port: Int { Int(unsafe parts.port) }
  var text: String { unsafe Self.text(parts.text) ?? "" }
  var scheme: String { unsafe Self.text(parts.scheme) ?? "" }
  var host: String { unsafe Self.text(parts.host) ?? "" }
  var path: String { unsafe Self.text(parts.path) ?? "/" }
  var query: String? { unsafe Self.text(parts.query) }
  var user: String? { unsafe Self.text(parts.user) }
  var password: String? { unsafe Self.text(parts.password) }

  private static func text(_ part: UnsafeMutablePointer<CChar>?) -> String? {
    unsafe part.map { unsafe String(cString: $0) }
  }
}
