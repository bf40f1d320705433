/// Why a request got no answer, or not a whole one.
package struct TransferFailure: Error, Sendable {
  package enum Code: String, Sendable {
    case denied, dns, connect, tls, auth, timeout, redirects, `protocol`, read, write, busy
    case tooLarge = "too_large"
    /// The run ended, or the host stops.
    case cancelled
  }

  package let code: Code
  package let message: String

  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }
}
