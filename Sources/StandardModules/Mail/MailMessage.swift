import MoonwheelModel
import Triggers

/// A mail as it is sent: the head, and the parts of the content (RFC 5322, RFC 2045).
struct MailMessage {
  let id: String
  private let mail: Mail
  private let sent: Timestamp

  /// - Parameter sent: the time that the mail has as its date.
  init(_ mail: Mail, sent: Timestamp) {
    self.mail = mail
    self.sent = sent
    id = "<\(Self.random())@\(mail.from.domain)>"
  }

  private static func random() -> String {
    [UInt64.random(in: 0 ... .max), UInt64.random(in: 0 ... .max)].map {
      String($0, radix: 36)
    }.joined(separator: ".")
  }

  /// `files` has the contents of the attachments that are files, in their order.
  func bytes(_ files: [[UInt8]]) -> [UInt8] {
    var contents = files.makeIterator()
    let attached = mail.attachments.map { attachment in
      guard case .bytes(let bytes) = attachment.content else {
        return part(attachment, contents.next() ?? [])
      }
      return part(attachment, bytes)
    }
    let texts = [mail.text.map { part("plain", $0) }, mail.html.map { part("html", $0) }]
      .compactMap(\.self)
    let body = texts.count == 2 ? multipart("alternative", texts) : texts.first
    let all = (body.map { [$0] } ?? []) + attached
    return Array(head.utf8) + (attached.isEmpty ? all.flatMap(\.self) : multipart("mixed", all))
  }

  private var head: String {
    var head = "Date: \(date)\r\n" + MailHeader.addresses("From", [mail.from])
    for (name, list) in [("To", mail.to), ("Cc", mail.copies), ("Reply-To", mail.replyTo)]
    where !list.isEmpty {
      head += MailHeader.addresses(name, list)
    }
    // Some servers refuse a mail to nobody.
    if mail.to.isEmpty, mail.copies.isEmpty { head += "To: undisclosed-recipients:;\r\n" }
    head += MailHeader.text("Subject", mail.subject) + "Message-ID: \(id)\r\n"
    for header in mail.headers { head += MailHeader.text(header.name, header.value) }
    return head + "MIME-Version: 1.0\r\n"
  }

  private static let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// In UTC, without the names of any language but English.
  private var date: String {
    // 2026-11-30T22:43:14+00:00
    let text = sent.iso(in: .utc)
    let day = sent.seconds.floored(to: 86_400) / 86_400
    let weekday = Self.days[Int(((day + 3) % 7 + 7) % 7)]
    let month = Int(text.dropFirst(5).prefix(2)).map { Self.months[$0 - 1] } ?? "Jan"
    return
      "\(weekday), \(text.dropFirst(8).prefix(2)) \(month) \(text.prefix(4)) \(text.dropFirst(11).prefix(8)) +0000"
  }

  // MARK: Parts, each with its own head

  private func part(_ kind: String, _ text: String) -> [UInt8] {
    let (name, content) = MailEncoding.text(text)
    let head =
      "Content-Type: text/\(kind); charset=utf-8\r\nContent-Transfer-Encoding: \(name)\r\n\r\n"
    return Array(head.utf8) + content
  }

  private func part(_ attachment: Mail.Attachment, _ bytes: [UInt8]) -> [UInt8] {
    let head =
      "Content-Type: \(attachment.type)\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment\(MailHeader.fileName(attachment.name))\r\n\r\n"
    return Array(head.utf8) + MailEncoding.base64Lines(bytes)
  }

  private func multipart(_ kind: String, _ parts: [[UInt8]]) -> [UInt8] {
    // No encoding makes lines that begin so.
    let boundary = "=_\(Self.random())"
    var result = Array("Content-Type: multipart/\(kind);\r\n boundary=\"\(boundary)\"\r\n\r\n".utf8)
    for part in parts { result += Array("--\(boundary)\r\n".utf8) + part + [13, 10] }
    return result + Array("--\(boundary)--\r\n".utf8)
  }
}

extension Int64 {
  fileprivate func floored(to step: Int64) -> Int64 { self - ((self % step) + step) % step }
}
