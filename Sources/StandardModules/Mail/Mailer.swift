import ModuleKit
import MoonwheelModel
import ScriptHost
import Synchronization
import SystemCalls
import Transfers
import Triggers

/// Hands the mails of the scripts of one host to its server.
final class Mailer: Sendable {
  /// Of one script at once: each may take 14 MiB.
  private static let underWayLimit = 8
  let files: FileService
  private let transfers: Transfers
  private let server: MailServer?
  private let secrets: SecretBook
  private let given: GivenSecrets
  /// Of a mail, in nanoseconds.
  private let timeout: Int64
  private let now: @Sendable () -> Timestamp
  private let underWay = Mutex<[String: Int]>([:])

  init(
    _ environment: ScriptEnvironment, _ io: HostIO, _ files: FileService
  ) throws(RegistrationError) {
    self.files = files
    transfers = io.mails
    secrets = SecretBook(environment.configuration.selection.secrets)
    given = environment.secrets
    timeout = environment.configuration.selection.mailTimeout
    now = { [clock = environment.clock] in clock.read().wall }
    do throws(MailServer.Problem) {
      server = try environment.configuration.smtp.map { (text) throws(MailServer.Problem) in
        try MailServer(text)
      }
    } catch {
      throw RegistrationError(description: "the server for mail \(error)")
    }
  }

  /// Who sends a mail that does not say so.
  var defaultSender: String {
    server?.sender ?? "moonwheel@\(Processes.hostName ?? "localhost")"
  }

  func checkedServer() throws(Refusal) -> MailServer {
    guard let server else {
      throw Refusal(
        "mail.send: this host has no server for mail: start it with --smtp URL", code: "connect")
    }
    if let problem = CurlLibrary.load() { throw Refusal(problem, code: "connect") }
    return server
  }

  func message(_ mail: Mail) -> MailMessage { MailMessage(mail, sent: now()) }

  func begin(_ script: String) throws(Refusal) {
    try underWay.withLock { (counts) throws(Refusal) in
      guard counts[script, default: 0] < Self.underWayLimit else {
        throw Refusal(
          "mail.send: \(Self.underWayLimit) mails of this script are under way already",
          code: "temporary")
      }
      counts[script, default: 0] += 1
    }
  }

  func end(_ script: String) {
    underWay.withLock { counts in
      let left = counts[script, default: 1] - 1
      counts[script] = left == 0 ? nil : left
    }
  }

  func send(
    _ bytes: [UInt8], of mail: Mail, to server: MailServer, for script: String,
    then: @escaping @Sendable (TransferResult) -> Void
  ) throws(Refusal) -> TransferHandle {
    var request = TransferRequest(try Self.url(server))
    request.owner = script
    request.timeout = timeout
    request.connectTimeout = timeout / 3
    request.body = .bytes(bytes)
    request.security.authorities = try Self.authorities(server)
    let login = try server.user.map { (user) throws(Refusal) in
      (user: user, password: try password(user))
    }
    request.makeMail(
      from: mail.from.address, to: mail.recipients, demandsTLS: server.demandsTLS, login: login)
    return transfers.send(request, allowed: Self.policy(server), then: then)
  }

  /// Read for each mail, since certificates are renewed.
  private static func authorities(_ server: MailServer) throws(Refusal) -> [UInt8]? {
    do throws(FileError) {
      return try server.authorities.map { (path) throws(FileError) in
        try RegularFile.read(path, atMost: 4 << 20)
      }
    } catch {
      throw Refusal("mail.send: the certificates for the mail server: \(error)", code: "tls")
    }
  }

  private static func url(_ server: MailServer) throws(Refusal) -> TransferURL {
    let host = server.host.contains(":") ? "[\(server.host)]" : server.host
    do throws(TransferURL.Problem) {
      return try TransferURL(
        "\(server.scheme)://\(host)" + (server.port.map { ":\($0)" } ?? ""))
    } catch {
      throw Refusal("mail.send: the server for mail: \(error)", code: "connect")
    }
  }

  private func password(_ user: String) throws(Refusal) -> String {
    guard let value = try secrets.value(of: MailServer.passwordName),
      let text = String(validating: value, as: UTF8.self), !text.utf8.contains(0)
    else {
      throw Refusal(
        "mail.send: there is no secret \(MailServer.passwordName), the password of \(user)",
        code: "auth")
    }
    given.add(value)
    return text
  }

  /// Without TLS, a mail stays on this machine.
  private static func policy(_ server: MailServer) -> TransferPolicy {
    TransferPolicy(
      name: { _ in nil },
      address: { address, _ in server.demandsTLS || MailServer.isLoopback(address) },
      addressDenial: { url in
        TransferFailure(.tls, "\(url.host) is not this machine: mail is sent there by TLS only")
      })
  }
}
