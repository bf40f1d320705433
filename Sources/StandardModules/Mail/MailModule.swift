import ModuleKit
import ScriptHost

/// `mail`: mails through the server of the host.
///
/// In a simulation, and in tests, none is sent: a test answers by `sim:mock("mail.send", ...)`.
struct MailModule: ScriptModule {
  let name = "mail"
  let mailer: Mailer

  init(_ mailer: Mailer) { self.mailer = mailer }

  var functions: [ModuleFunction] {
    [
      .answering("send", ["mail"], ModuleFunction.Traits(takesLargeArguments: true)) {
        [mailer] call in
        let mail = try Mail(
          call.arguments[0], from: mailer.defaultSender, of: call, mailer.files)
        let server = try mailer.checkedServer()
        return { answer in MailCall(mailer, server, mail, call, answer).begin() }
      }
    ]
  }
}
