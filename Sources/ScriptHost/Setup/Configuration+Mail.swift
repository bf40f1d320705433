extension Configuration {
  /// The server that takes the mail of scripts: `smtp://user@mail.example:587`, or `smtps://`. The password of the user is the
  /// secret `SMTP_PASSWORD`. TLS is demanded but on this machine. `?from=jobs@example.org` says who sends a mail that does not say
  /// so, `?ca=FILE` names certificates that vouch for the server. Nil: scripts send no mail.
  public var smtp: String? {
    get { selection.smtp }
    set { selection.smtp = newValue }
  }
}
