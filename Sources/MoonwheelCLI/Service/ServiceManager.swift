import Logging
import SystemCalls

/// The service manager that started the host and wants to hear how it does: systemd, for a unit with `Type=notify`.
/// The protocol is that of `sd_notify(3)`.
struct ServiceManager {
  private let address: String
  private let logger: Logger

  /// Nil if no service manager waits for messages. `address` is the value of `NOTIFY_SOCKET`.
  init?(address: String? = Environment.nonEmpty("NOTIFY_SOCKET"), logger: Logger) {
    guard let address else { return nil }
    self.address = address
    self.logger = logger
  }

  /// All scripts that were there at the start have loaded or failed. The manager shows the status.
  func ready(_ status: String) { send("READY=1\nSTATUS=\(status)") }

  /// The host stops, and gives its runs so much time. The manager does not kill it before they are over.
  func stopping(grace: Duration) {
    let microseconds = (grace + Self.stopTime).clampedNanoseconds / 1_000
    send("STOPPING=1\nEXTEND_TIMEOUT_USEC=\(microseconds)\nSTATUS=stopping")
  }

  /// How long a stop may take beyond the time of its runs.
  private static let stopTime = Duration.seconds(5)

  private func send(_ message: String) {
    do throws(SystemCallError) {
      try LocalSocket.send(message, to: address)
    } catch {
      logger.warning("the service manager at NOTIFY_SOCKET=\(address) cannot be told: \(error)")
    }
  }
}
