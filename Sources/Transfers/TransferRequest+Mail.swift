import CCurl

extension TransferRequest {
  /// `CURLUSESSL_NONE` and `CURLUSESSL_ALL`.
  private static let (noTLS, allTLS): (Int64, Int64) = (0, 3)

  /// Makes a mail of it, from one address to others; its body is the message. A connection is for one mail.
  package mutating func makeMail(
    from sender: String, to recipients: [String], demandsTLS: Bool,
    login: (user: String, password: String)?
  ) {
    method = "to"
    isMail = true
    schemes = url.scheme
    isPacked = false
    redirects = 0
    options = [
      .text(Int32(CCURL_MAIL_FROM.rawValue), "<\(sender)>"),
      .list(Int32(CCURL_MAIL_RCPT.rawValue), recipients.map { "<\($0)>" }),
      .number(Int32(CCURL_USE_SSL.rawValue), demandsTLS ? Self.allTLS : Self.noTLS),
      .number(Int32(CCURL_FRESH_CONNECT.rawValue), 1),
    ]
    guard let login else { return }
    options += [
      .text(Int32(CCURL_USERNAME.rawValue), login.user),
      .text(Int32(CCURL_PASSWORD.rawValue), login.password),
    ]
  }
}
