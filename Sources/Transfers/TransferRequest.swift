/// A request as it is sent, with what bounds it.
package struct TransferRequest: Sendable {
  package var url: TransferURL
  package var method = "GET"
  package var headers: [TransferHeader] = []
  package var body = TransferBody.none
  /// Headers that are made for each place to which the request goes, such as a signature.
  package var signing:
    (@Sendable (TransferURL, _ method: String, [TransferHeader]) -> [TransferHeader])?
  /// Of all until the answer is there, with redirects; in nanoseconds, as the next.
  package var timeout: Int64 = 30_000_000_000
  package var connectTimeout: Int64 = 5_000_000_000
  package var redirects = 5
  /// Bytes of the body, unpacked.
  package var maxSize = 10 << 20
  /// Where the body goes; nil keeps it in memory.
  package var sink: (any TransferSink)?
  /// Asked before the body takes so many bytes of memory; false ends it.
  package var hasRoom: @Sendable (Int) -> Bool = { _ in true }
  package var security = TransferSecurity()
  /// The proxy on the way to each place to which it goes; nil for none.
  package var proxies: @Sendable (TransferURL) -> TransferProxy? = { _ in nil }
  /// The path of a socket to connect to in place of the host.
  package var socket: String?
  /// Whether the server may pack the body.
  package var isPacked = true
  package var schemes = "http,https"
  /// Further options of libcurl, such as those of mails.
  package var options: [TransferOption] = []
  /// Who shares the bound on requests: a script.
  package var owner = ""

  package init(_ url: TransferURL) { self.url = url }
}

package struct TransferHeader: Sendable, Hashable {
  package var name: String
  package var value: [UInt8]

  package init(_ name: String, _ value: String) {
    self.name = name
    self.value = Array(value.utf8)
  }

  package init(_ name: String, bytes: [UInt8]) {
    self.name = name
    value = bytes
  }
}

package enum TransferBody: Sendable {
  case none
  case bytes([UInt8])
  /// Read piece by piece, and from its beginning again for another attempt.
  case source(any TransferSource)
}

/// Where a body that is sent comes from. Called on the threads for calls that block, one call after the other.
package protocol TransferSource: Sendable {
  /// In bytes.
  var size: Int { get }
  /// The bytes from there on; as many as it likes, and none at the end only.
  func read(from offset: Int) throws(TransferFailure) -> [UInt8]
}

/// Where a body that comes goes. Called on the threads for calls that block, one call after the other.
package protocol TransferSink: Sendable {
  func write(_ bytes: [UInt8]) throws(TransferFailure)
  /// All of it has come.
  func finish() throws(TransferFailure)
  /// What has come is not wanted: a redirect, another attempt, a failure. Also after ``finish()`` has failed.
  func discard()
}

package struct TransferSecurity: Sendable, Hashable {
  /// Whether the server must prove who it is.
  package var isVerified = true
  /// In PEM; nil for the system's.
  package var authorities: [UInt8]?
  /// Ours, in PEM.
  package var certificate: [UInt8]?
  package var key: [UInt8]?

  package init() {}
}

/// A proxy for requests, which is spoken to in plain HTTP.
package struct TransferProxy: Sendable, Hashable {
  package var url: TransferURL
  /// Whether the host's environment names it: then no script needs a permission for it.
  package var isOfHost: Bool

  package init(_ url: TransferURL, isOfHost: Bool) {
    self.url = url
    self.isOfHost = isOfHost
  }
}

package enum TransferOption: Sendable {
  case number(Int32, Int64)
  case text(Int32, String)
  case list(Int32, [String])
}

/// Who decides where a request may go. Called on the I/O thread, for each hop; must not block.
package struct TransferPolicy: Sendable {
  /// Before the lookup of the name, which is a message to the outside. Nil allows it.
  package var name: @Sendable (TransferURL) -> TransferFailure?
  /// Whether the name may lead to an address.
  package var address: @Sendable (_ address: String, TransferURL) -> Bool
  /// What to say if it leads to no other.
  package var addressDenial: @Sendable (TransferURL) -> TransferFailure

  package init(
    name: @escaping @Sendable (TransferURL) -> TransferFailure?,
    address: @escaping @Sendable (_ address: String, TransferURL) -> Bool,
    addressDenial: @escaping @Sendable (TransferURL) -> TransferFailure
  ) {
    self.name = name
    self.address = address
    self.addressDenial = addressDenial
  }

  /// For what the host's owner has asked for, such as a ping.
  package static let all = TransferPolicy(
    name: { _ in nil }, address: { _, _ in true },
    addressDenial: { TransferFailure(.denied, "\($0.host) cannot be reached") })
}

package struct TransferResponse: Sendable {
  package var status = 0
  /// The header lines, each with CR and LF.
  package var head: [UInt8] = []
  package var body: [UInt8] = []
  /// Of the body, also if it went elsewhere.
  package var size = 0
  /// The last one.
  package var url: TransferURL
  package var redirects = 0
  /// In nanoseconds.
  package var elapsed: Int64 = 0
}

package typealias TransferResult = Result<TransferResponse, TransferFailure>
