import ModuleKit
import ScriptHost
import Synchronization
import Transfers

/// One call of `mail.send`.
final class MailCall: Sendable {
  private struct State {
    var isUnwanted = false
    var handle: TransferHandle?
  }

  private let mailer: Mailer
  private let server: MailServer
  private let mail: Mail
  private let call: FunctionCall
  private let answer: CallAnswer
  private let state = Mutex(State())

  init(
    _ mailer: Mailer, _ server: MailServer, _ mail: Mail, _ call: FunctionCall, _ answer: CallAnswer
  ) {
    self.mailer = mailer
    self.server = server
    self.mail = mail
    self.call = call
    self.answer = answer
  }

  /// Makes the message on a thread for files, since a large one takes its time.
  func begin() {
    do throws(Refusal) {
      try mailer.begin(call.script)
    } catch {
      return answer.fail(error)
    }
    answer.whenUnwanted { [weak self] in self?.end() }
    mailer.files.inPool(for: call, mail.places) { [self] (disk) throws(FileFailure) in
      make(try contents(disk))
    } failed: { [self] in
      failed($0)
    }
  }

  /// The files, as long as all fits; nil if it does not.
  private func contents(_ disk: DiskFiles) throws(FileFailure) -> [[UInt8]]? {
    var left = Mail.sizeLimit - mail.sizeOfTexts
    var contents: [[UInt8]] = []
    for place in mail.places {
      let size = try disk.facts(of: place, followingLinks: true).size
      guard size <= Int64(left) else { return nil }
      let bytes = try disk.read(place, ReadLimit(bytes: left))
      left -= bytes.count
      contents.append(bytes)
    }
    return contents
  }

  private func make(_ contents: [[UInt8]]?) {
    guard let contents else { return finish { $0.fail(Mail.tooLarge) } }
    let message = mailer.message(mail)
    let bytes = message.bytes(contents)
    guard !state.withLock({ $0.isUnwanted }) else { return finish { $0.fail(Self.unwanted) } }
    do throws(Refusal) {
      let handle = try mailer.send(bytes, of: mail, to: server, for: call.script) { [self] in
        sent(message.id, $0)
      }
      let isUnwanted = state.withLock { state in
        state.handle = handle
        return state.isUnwanted
      }
      if isUnwanted { handle.cancel() }
    } catch {
      finish { $0.fail(error) }
    }
  }

  private static let unwanted = Refusal("mail.send: the run has ended", code: "temporary")

  /// The run has ended before the answer.
  private func end() {
    let handle = state.withLock { state in
      state.isUnwanted = true
      return state.handle
    }
    handle?.cancel()
  }

  private func failed(_ error: FileFailure) {
    let place = mail.places.first { error == .denied($0.kind) } ?? mail.places.first
    finish { [call] answer in
      answer.fail(error.refusal(of: place?.shown ?? "attachments", call))
    }
  }

  private func sent(_ id: String, _ result: TransferResult) {
    finish { answer in
      switch result {
      case .failure(let failure):
        answer.fail(Refusal("mail.send: \(failure.message)", code: failure.mailCode))
      case .success(let response) where (200..<300).contains(response.status):
        answer.give([.string(id)])
      case .success(let response):
        answer.fail(
          Refusal(
            "mail.send: the server has said: \(response.lastReply)",
            code: Self.code(response.status)))
      }
    }
  }

  private func finish(_ give: (CallAnswer) -> Void) {
    mailer.end(call.script)
    state.withLock { $0.handle = nil }
    give(answer)
  }

  /// What a reply of a server means (RFC 5321, RFC 4954).
  private static func code(_ reply: Int) -> String {
    switch reply {
    case 530, 534, 535, 538: "auth"
    case 552: "too_large"
    case 400..<500: "temporary"
    default: "refused"
    }
  }
}

extension TransferFailure {
  fileprivate var mailCode: String {
    switch code {
    case .tls, .denied: "tls"
    case .auth: "auth"
    case .timeout: "timeout"
    case .dns, .connect: "connect"
    case .tooLarge, .redirects, .protocol, .read, .write, .busy, .cancelled: "temporary"
    }
  }
}

extension TransferResponse {
  /// The lines of the last reply as one, cut to a length for messages.
  fileprivate var lastReply: String {
    let lines = String(decoding: head, as: UTF8.self).split(whereSeparator: \.isNewline)
    let code = lines.last.map { $0.prefix(3) } ?? ""
    let reply = lines.reversed().prefix { $0.hasPrefix(code) }.reversed().enumerated()
    let text = reply.map { index, line in index == 0 ? String(line) : String(line.dropFirst(4)) }
      .joined(separator: " ")
    return String(text.unicodeScalars.map { $0.value < 32 ? " " : Character($0) }.prefix(500))
  }
}
