import Glibc
import JSON
import Layers
import Moonwheel
import MoonwheelReports
import MoonwheelSimulation
import MoonwheelTesting
import SystemCalls
import TestServices
import TestSupport
import Testing

@testable import ScriptHost

/// Mails to real servers, read by Python's parser.
@Suite(.timeLimit(.minutes(2))) struct MailTests {
  /// One process of servers for the suite.
  private struct Servers: Sendable {
    let service: Service
    let ports: [UInt16]

    /// Without TLS; STARTTLS and a login; TLS and a login; trickles; hangs; hangs after a refusal.
    enum Kind: Int { case open, startTLS, tls, trickling, hanging, hangingLater }

    init() throws {
      let folder = try TemporaryFolder()
      ports = (0..<7).map { _ in FreePort.next() }
      let script = #filePath.split(separator: "/").dropLast().joined(separator: "/")
      let certificate =
        "openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 30 -subj /CN=localhost -addext subjectAltName=DNS:localhost"
      let list = ports.map(String.init).joined(separator: " ")
      service = try Service(
        [
          "/bin/sh", "-c",
          "\(certificate) && exec /usr/bin/python3 '/\(script)/mail_server.py' \(list)",
        ], in: folder, until: .port(ports[6]))
    }

    func url(_ kind: Kind, _ more: String = "") -> String {
      let port = ports[kind.rawValue]
      let login = "ann%40example.org@localhost:\(port)?ca=\(service.folder.path("cert.pem"))"
      switch kind {
      case .startTLS: return "smtp://\(login)&tls=required\(more)"
      case .tls: return "smtps://\(login)\(more)"
      case .open, .trickling, .hanging, .hangingLater: return "smtp://127.0.0.1:\(port)\(more)"
      }
    }

    /// What a server took with this subject.
    func mail(_ subject: String) throws -> Value {
      let bytes = try RegularFile.read(service.folder.path("mails.jsonl"), atMost: 64 << 20)
      let mails = try String(decoding: bytes, as: UTF8.self).split(separator: "\n").map {
        Value(try JSONReader.read(String($0)))
      }
      return try #require(mails.first { $0["headers"]?["Subject"] == .string(subject) })
    }
  }

  private static let shared = Result { try Servers() }
  private func servers() async throws -> Servers { try await inThread { try Self.shared.get() } }

  private static let password = "a password that is long"

  /// What the Lua prints in a job that may send to example.org.
  private func said(
    _ body: String, to url: String?, options: String = "",
    _ configure: (inout Configuration) -> Void = { _ in }
  ) async throws -> [String] {
    let log = LogRecorder()
    var configuration = Configuration()
    configuration.permissions = .asked
    configuration.smtp = url
    configuration.secrets = { $0 == "SMTP_PASSWORD" ? Self.password : nil }
    configuration.texts = [
      (
        name: "a.lua",
        source: """
        permissions { mail = { "*@example.org" }, read = { "/tmp" } }
        local function send(mail)
          mail.from = mail.from or "jobs@example.org"
          mail.text = mail.text or "x"
          return mail_send(mail)
        end
        function mail_send(m) return mail.send(m) end
        on("go", { name = "job"\(options) }, function()
        \(body)
        end)
        """
      )
    ]
    configure(&configuration)
    let host = try Scheduler(configuration, logger: log.logger)
    try host.start()
    _ = try await host.jobs
    try host.emit("go")
    let hasEnded = try await inThread {
      log.wait(seconds: 60) { lines in
        lines.contains {
          $0.message == "end" || $0.event == "run.failed" || $0.event == "run.timed_out"
        }
      }
    }
    #expect(hasEnded)
    await host.stop()
    return log.lines.filter { $0.isSaid || $0.event == "run.failed" }.map(\.message)
      .filter { $0 != "end" }
  }

  @Test func `a mail that does not say who sends it comes from this machine`() async throws {
    let servers = try await servers()
    let subject = "from nobody \(UInt32.random(in: 0 ... .max))"
    let lines = try await said(
      "print(mail.send { to = 'ann@example.org', subject = '\(subject)', text = 'x' }) print('end')",
      to: servers.url(.open))
    #expect(lines.first?.hasPrefix("<") == true, "\(lines)")
    #expect(try servers.mail(subject)["from"]?.text?.hasPrefix("moonwheel@") == true)
  }

  @Test func `a mail arrives as it was written`() async throws {
    let servers = try await servers()
    let folder = try TemporaryFolder()
    try folder.write("data.bin", "from a file\n")
    let subject = "Größe: " + String(repeating: "lang ", count: 30) + "ende"
    let lines = try await said(
      """
      print(send { to = { "Ann, the \\"first\\" <ann@EXAMPLE.org>", "bob@example.org" }, cc = "Jö <jo@example.org>",
        bcc = "hidden@example.org", reply_to = "re@example.org", from = "Jobs & Co. <jobs@example.org>",
        subject = "\(subject)", text = "Hällo\\n.dot\\r\\n\\nFrom  \\n" .. ("x"):rep(1200), html = "<p>ça va</p>",
        headers = { ["X-Job"] = "näch" },
        attachments = {
          { name = "März " .. ("lang"):rep(20) .. ".csv", body = "a;b\\n" }, { file = "\(folder.path)/data.bin" },
        } })
      print("end")
      """, to: servers.url(.open))
    let mail = try servers.mail(subject)
    let headers = try #require(mail["headers"])
    #expect(lines == [headers["Message-ID"]?.text])
    #expect(lines.first?.hasSuffix("@example.org>") == true)
    #expect(mail["from"] == "jobs@example.org")
    #expect(
      mail["to"] == ["ann@example.org", "bob@example.org", "jo@example.org", "hidden@example.org"])
    #expect(headers["To"] == "\"Ann, the \\\"first\\\"\" <ann@example.org>, bob@example.org")
    #expect(headers["Cc"] == "Jö <jo@example.org>" && headers["X-Job"] == "näch")
    #expect(headers["From"]?.text?.contains("<jobs@example.org>") == true)
    #expect(headers["Reply-To"] == "re@example.org" && headers["MIME-Version"] == "1.0")
    #expect(mail["head"]?.text?.contains("hidden") == false)
    #expect(mail["date"]?.text?.hasSuffix("+00:00") == true)
    #expect(mail["defects"] == [] && mail["ascii"] == true && mail["bare"] == false)
    #expect(mail["longest"]?.int ?? 100 <= 78)
    #expect(
      mail["types"] == [
        "multipart/mixed", "multipart/alternative", "text/plain", "text/html", "text/csv",
        "application/octet-stream",
      ])
    let parts = (1...4).compactMap { mail["parts"]?[$0] }
    #expect(
      parts[0]["text"]
        == .string("Hällo\r\n.dot\r\n\r\nFrom  \r\n" + String(repeating: "x", count: 1200) + "\r\n")
    )
    #expect(parts[1]["text"] == "<p>ça va</p>\r\n")
    #expect(parts[2]["name"] == .string("März " + String(repeating: "lang", count: 20) + ".csv"))
    #expect(parts[2]["text"] == "a;b\n" && parts[2]["disposition"] == "attachment")
    #expect(parts[3]["name"] == "data.bin" && parts[3]["text"] == "from a file\n")
  }

  @Test func `what the server says has a code`() async throws {
    let servers = try await servers()
    let lines = try await said(
      """
      for _, who in ipairs { "unknown", "full", "large", "later" } do
        local _, message, code = send { to = { "ann@example.org", who .. "@example.org" } }
        print(code, message)
      end
      print("end")
      """, to: servers.url(.open))
    #expect(
      lines == [
        "refused\tmail.send: the server has said: 550 5.1.1 nobody of this name",
        "temporary\tmail.send: the server has said: 452 4.2.2 mailbox full",
        "too_large\tmail.send: the server has said: 552 5.3.4 too large",
        "temporary\tmail.send: the server has said: 451 4.7.1 try later",
      ])
  }

  @Test func `TLS and a login, and what is wrong with them`() async throws {
    let servers = try await servers()
    let body = "print(select(3, send { to = 'ann@example.org' }) or 'sent') print('end')"
    for kind in [Servers.Kind.startTLS, .tls] {
      #expect(try await said(body, to: servers.url(kind)) == ["sent"])
      #expect(
        try await said(body, to: servers.url(kind)) { $0.secrets = { _ in "wrong" } } == ["auth"])
      #expect(try await said(body, to: servers.url(kind)) { $0.secrets = nil } == ["auth"])
    }
    let port = servers.ports[Servers.Kind.tls.rawValue]
    #expect(try await said(body, to: "smtps://localhost:\(port)") == ["tls"])
    #expect(try await said(body, to: servers.url(.open, "?tls=required")) == ["tls"])
    #expect(try await said(body, to: "smtp://localhost:\(FreePort.next())") == ["connect"])
    #expect(try await said(body, to: nil) == ["connect"])
  }

  @Test func `no text becomes a header, a command or a recipient`() async throws {
    let servers = try await servers()
    let lines = try await said(
      """
      local odd = {
        { to = "a@example.org>\\r\\nRCPT TO:<b@example.org" }, { to = "a@example.org\\r\\nBcc: b@example.org" },
        { to = "a@example.org, b@example.org" }, { to = "A\\nB <a@example.org>" }, { to = "a b@example.org" },
        { to = "a@b@example.org" }, { to = "<a@example.org" }, { to = "a@example.org\\0" }, { to = "@example.org" },
        { from = "a@example.org>\\r\\nDATA" }, { reply_to = "a@example.org\\n" }, { subject = "a\\r\\nBcc: b@example.org" },
        { subject = "a\\0" }, { headers = { Bcc = "b@example.org" } }, { headers = { ["X-A"] = "a\\r\\nBcc: b@x.org" } },
        { headers = { ["X-A: b\\r\\nBcc"] = "b" } }, { headers = { ["Content-Type"] = "text/html" } },
        { attachments = { { name = "a\\r\\nX: y", body = "" } } },
        { attachments = { { name = "a", type = "text/plain\\r\\nX: y", body = "" } } },
        { attachments = { { name = "a" } } }, { titel = "x" }, { to = {} }, { text = 7 },
      }
      for i, fields in ipairs(odd) do
        fields.to = fields.to or "a@example.org"
        local ok, message = pcall(send, fields)
        if ok or not message:find("mail.send: ", 1, true) then print(i, ok, message) end
      end
      local id, _, code = send { to = "a@example.org", bcc = "x@elsewhere.example" }
      print(id, code)
      local many = {}
      for i = 1, 101 do many[i] = "a" .. i .. "@example.org" end
      print(select(3, send { to = many }))
      print(select(3, send { to = "a@example.org", text = ("x"):rep(10 * 1024 * 1024 + 1) }))
      print(select(3, send { to = "a@example.org", attachments = { { file = "/tmp/moonwheel-nothing" } } }))
      print("end")
      """, to: servers.url(.open))
    #expect(lines == ["nil\tdenied", "too_large", "too_large", "missing"])
  }

  @Test func `a server that is slow or hangs holds up nothing else`() async throws {
    let servers = try await servers()
    let body = "print(select(3, send { to = 'ann@example.org' })) print('end')"
    for kind in [Servers.Kind.trickling, .hanging] {
      let lines = try await said(body, to: servers.url(kind)) {
        $0.selection.mailTimeout = 600_000_000
      }
      #expect(lines == ["timeout"])
    }
    // It is not told good-bye, which it would not answer.
    #expect(try await said(body, to: servers.url(.hangingLater)) == ["refused"])
    // The end of the run closes the connection.
    #expect(
      try await said(body, to: servers.url(.hanging), options: ", timeout = '100ms'").isEmpty)
  }

  @Test func `a simulation sends none`() throws {
    let text =
      "permissions { mail = { '*' } }\nafter('1s', function() print(mail.send { to = 'a@b.org' }) end)"
    let (simulation, trace) = try Simulation.load(["a.lua": text])
    try simulation.run(for: .seconds(2))
    #expect(
      trace.lines == ["nil\tmail.send is not mocked: sim:mock(\"mail.send\", ...)\tsimulated"])
  }

  @Test func `the URL of a server is read`() throws {
    let server = try MailServer("smtp://a%40b.org@mail.example:587/?from=x@y.org&ca=/a%20b")
    #expect(server.user == "a@b.org" && server.host == "mail.example" && server.port == 587)
    #expect(server.demandsTLS && server.from == "x@y.org" && server.authorities == "/a b")
    for text in ["smtp://127.0.0.1:25", "smtp://localhost", "smtp://[::1]:2525"] {
      #expect(try !MailServer(text).demandsTLS)
      #expect(try MailServer(text + "?tls=required").demandsTLS)
    }
    #expect(try MailServer("smtps://localhost").demandsTLS)
    #expect(try MailServer("smtp://127.0.0.1.example.org").demandsTLS)
    for text in [
      "mail.example", "http://x", "smtp://", "smtp://a:b@host", "smtp://host:0", "smtp://host:x",
      "smtp://host?x=y", "smtp://a%4@host", "smtp://host/path", "smtp://a%0ab@host",
    ] {
      #expect(throws: MailServer.Problem.self) { try MailServer(text) }
    }
  }
}
