import ModuleKit
import MoonwheelModel
import ScriptHost
import SystemCalls
import Triggers

/// What a call of `mail.send` asks for, checked.
struct Mail: Sendable {
  struct Attachment: Sendable {
    enum Content: Sendable {
      case bytes([UInt8])
      case file(FilePlace)
    }

    let name: String
    let type: String
    let content: Content
  }

  static let recipientLimit = 100
  /// Bytes of texts and attachments, before they are encoded.
  static let sizeLimit = 10 << 20
  private static let (attachmentLimit, headerLimit, lineLimit) = (50, 50, 2_000)

  let from: MailAddress
  let to: [MailAddress]
  let copies: [MailAddress]
  /// Nobody sees who they are: they are in no header.
  let hidden: [MailAddress]
  let replyTo: [MailAddress]
  let subject: String
  let text: String?
  let html: String?
  let headers: [(name: String, value: String)]
  let attachments: [Attachment]

  private static let names = [
    "attachments", "bcc", "cc", "from", "headers", "html", "reply_to", "subject", "text", "to",
  ]

  /// - Parameter from: who sends it if it does not say so.
  init(_ value: Value, from: String, of call: FunctionCall, _ files: FileService) throws {
    guard case .table(let table) = value else {
      throw Self.wrong(
        "takes a table, such as { to = \"ann@example.org\", subject = \"done\", text = \"...\" }")
    }
    for key in table.keys.sorted(by: { $0.described < $1.described }) {
      guard let name = key.text, Self.names.contains(name) else {
        let near = Spelling.nearest(to: key.text ?? "", in: Self.names)
        throw Self.wrong(
          "unknown field \(key.described)" + (near.map { ", did you mean \"\($0)\"?" } ?? ""))
      }
    }
    to = try Self.addresses("to", table)
    copies = try Self.addresses("cc", table)
    hidden = try Self.addresses("bcc", table)
    replyTo = try Self.addresses("reply_to", table)
    guard let sender = try Self.addresses("from", table, otherwise: from).first else {
      throw Self.wrong("from must be an address")
    }
    self.from = sender
    subject = try Self.line("subject", table["subject"] ?? .nil) ?? ""
    text = try Self.content("text", table)
    html = try Self.content("html", table)
    headers = try Self.headers(table["headers"] ?? .nil)
    attachments = try Self.attachments(table["attachments"] ?? .nil, call, files)
    let count = recipients.count
    guard count > 0 else {
      throw Self.wrong("it goes to nobody: to, cc or bcc must have an address")
    }
    guard count <= Self.recipientLimit else {
      throw Refusal(
        "mail.send: \(count) recipients; there may be \(Self.recipientLimit)", code: "too_large")
    }
    guard text != nil || html != nil || !attachments.isEmpty else {
      throw Self.wrong("it is empty: give text, html or attachments")
    }
    for recipient in recipients { try call.require(.mail, recipient) }
    guard sizeOfTexts <= Self.sizeLimit else { throw Self.tooLarge }
  }

  /// Each once.
  var recipients: [String] {
    var seen: Set<String> = []
    return (to + copies + hidden).map(\.address).filter { seen.insert($0).inserted }
  }

  static let tooLarge = Refusal(
    "mail.send: texts and attachments have more than \(sizeLimit >> 20) MiB", code: "too_large")

  /// Of all that is in memory already.
  var sizeOfTexts: Int {
    attachments.reduce((text?.utf8.count ?? 0) + (html?.utf8.count ?? 0)) { sum, attachment in
      guard case .bytes(let bytes) = attachment.content else { return sum }
      return sum + bytes.count
    }
  }

  var places: [FilePlace] {
    attachments.compactMap { attachment in
      guard case .file(let place) = attachment.content else { return nil }
      return place
    }
  }

  static func wrong(_ text: String) -> Mistake { Mistake("mail.send: \(text)") }
}

extension Mail {
  private static func addresses(
    _ name: String, _ table: [Value: Value], otherwise: String? = nil
  ) throws(Mistake) -> [MailAddress] {
    let value = table[.string(name)] ?? .nil
    let texts: [Value]
    switch value {
    case .nil: texts = otherwise.map { [.string($0)] } ?? []
    case .list(let list) where name != "from": texts = list
    default: texts = [value]
    }
    guard texts.count <= 10_000 else { throw wrong("\(name) has too many addresses") }
    var result: [MailAddress] = []
    for text in texts {
      guard let text = text.text else {
        throw wrong("\(name) must be an address, or a list of addresses, not \(text.described)")
      }
      result.append(try MailAddress(text, name))
    }
    return result
  }

  /// A text of one line; nil if there is none.
  private static func line(_ name: String, _ value: Value) throws(Mistake) -> String? {
    guard !value.isNil else { return nil }
    guard let text = value.text else {
      throw wrong("\(name) must be a text, not \(value.described)")
    }
    guard text.unicodeScalars.allSatisfy({ $0.value >= 32 && $0.value != 127 }) else {
      throw wrong("\(name) has no line breaks or other control characters")
    }
    guard text.utf8.count <= lineLimit else {
      throw wrong("\(name) has more than \(lineLimit) bytes")
    }
    return text
  }

  private static func content(_ name: String, _ table: [Value: Value]) throws(Mistake) -> String? {
    let value = table[.string(name)] ?? .nil
    guard !value.isNil else { return nil }
    guard let text = value.text else {
      throw wrong("\(name) must be a text in UTF-8, not \(value.described)")
    }
    return text
  }

  /// Those that the mail has anyway.
  private static let own: Set<String> = [
    "bcc", "cc", "date", "from", "message-id", "mime-version", "reply-to", "return-path", "sender",
    "subject", "to",
  ]

  private static func headers(_ value: Value) throws(Mistake) -> [(name: String, value: String)] {
    guard !value.isNil else { return [] }
    guard let pairs = value.pairs, pairs.count <= headerLimit else {
      throw wrong("headers must be a table of at most \(headerLimit) names and texts")
    }
    var headers: [(name: String, value: String)] = []
    for (key, value) in pairs {
      guard let name = key.text, (1...70).contains(name.utf8.count),
        name.utf8.allSatisfy({ $0.isLetterOrDigit || "-_".utf8.contains($0) })
      else { throw wrong("headers: \(key.described) is not the name of a header") }
      let lower = name.lowercased()
      guard !own.contains(lower), !lower.hasPrefix("content-"), !lower.hasPrefix("resent-") else {
        throw wrong("headers: the mail makes \(name) itself; see its other fields")
      }
      headers.append((name, try line("headers.\(name)", value) ?? ""))
    }
    return headers.sorted { $0.name < $1.name }
  }

  private static func attachments(
    _ value: Value, _ call: FunctionCall, _ files: FileService
  ) throws -> [Attachment] {
    guard !value.isNil else { return [] }
    guard case .list(let list) = value, list.count <= attachmentLimit else {
      throw wrong(
        "attachments must be a list of at most \(attachmentLimit), such as { { name = \"a.txt\", body = \"...\" } }"
      )
    }
    return try list.enumerated().map { index, value in
      try Attachment(value, "attachments[\(index + 1)]", call, files)
    }
  }
}

extension Mail.Attachment {
  fileprivate init(
    _ value: Value, _ what: String, _ call: FunctionCall, _ files: FileService
  ) throws {
    guard case .table(let table) = value,
      table.keys.allSatisfy({ ["name", "body", "file", "type"].contains($0.text) })
    else { throw Mail.wrong("\(what) must be a table with name, type, and body or file") }
    var given = try Mail.line("\(what).name", table["name"] ?? .nil)
    switch (table["body"] ?? .nil, table["file"] ?? .nil) {
    case (.string(let text), .nil): content = .bytes(Array(text.utf8))
    case (.bytes(let bytes), .nil): content = .bytes(bytes)
    case (.nil, .string(let path)) where !path.isEmpty:
      let place = try call.place(
        RawPath(checking: path, what), for: .read, own: files.own(of: call.script))
      content = .file(place)
      given = given ?? place.path.split.name.text
    default: throw Mail.wrong("\(what) needs either body, a text, or file, a path")
    }
    guard let given, !given.isEmpty, given.utf8.count <= 255 else {
      throw Mail.wrong("\(what).name is missing, or has more than 255 bytes")
    }
    name = given
    type = try Mail.line("\(what).type", table["type"] ?? .nil) ?? Self.type(of: given)
    let parts = type.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, type.utf8.count <= 100,
      parts.allSatisfy({ part in
        !part.isEmpty
          && part.utf8.allSatisfy { $0.isLetterOrDigit || "!#$&-^_.+".utf8.contains($0) }
      })
    else { throw Mail.wrong("\(what).type must be such as \"text/csv\"") }
  }

  private static let types = [
    "csv": "text/csv", "gif": "image/gif", "gz": "application/gzip", "html": "text/html",
    "jpg": "image/jpeg", "jpeg": "image/jpeg", "json": "application/json", "log": "text/plain",
    "pdf": "application/pdf", "png": "image/png", "txt": "text/plain", "xml": "application/xml",
    "zip": "application/zip",
  ]

  private static func type(of name: String) -> String {
    let ending = name.split(separator: ".").dropFirst().last.map { $0.lowercased() }
    return ending.flatMap { types[$0] } ?? "application/octet-stream"
  }
}

extension RawPath {
  fileprivate init(checking path: String, _ what: String) throws(Mistake) {
    guard let raw = RawPath(Array(path.utf8)) else {
      throw Mail.wrong("\(what).file has a byte 0 in it")
    }
    self = raw
  }
}
