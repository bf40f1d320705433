import Glibc
import TestServices
import TestSupport
import Testing

@testable import MoonwheelCLI

/// `run --on-failure-mail` and `--on-failure-webhook`: alarms for all scripts without a script.
@Suite(.timeLimit(.minutes(2))) struct AlarmFlagTests {
  /// Prints what is posted, a line each.
  private static let server = """
    import http.server, sys
    class Handler(http.server.BaseHTTPRequestHandler):
      def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        print(self.path, self.headers["Content-Type"], body.decode(), flush = True)
        self.send_response(204)
        self.end_headers()
      def log_request(self, code = "", size = ""): pass
    http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
    """

  @Test func `a webhook gets what every script has lost, once, and needs no permission`() throws {
    let port = FreePort.next()
    let service = try Service(
      [TestPython.path(), "-c", Self.server, "\(port)"], in: TemporaryFolder(), until: .port(port))
    let folder = try ScriptFolder([
      "a.lua": "after('10ms', { name = 'fails' }, function() error('broken') end)",
      "bad.lua": "every(",
    ])
    let host = try MoonwheelProcess(
      ["run", ".", "--on-failure-webhook", "http://localhost:\(port)/hook?key=1"], in: folder)
    let deadline = 60_000
    for _ in 0..<deadline / 10 {
      if service.log.contains("run.given_up"), service.log.contains("script.failed") { break }
      usleep(10_000)
    }
    host.signal(SIGTERM)
    #expect(try host.exit() == 0)
    let posted = service.log
    #expect(posted.hasPrefix("/hook?key=1 application/json {"), "\(posted) \(host.text(.log))")
    #expect(posted.contains("a.lua:fails was given up"), "\(posted)")
    #expect(posted.contains("\"job\":\"fails\"") && posted.contains("\"status\":\"failed\""))
    #expect(posted.contains("a.lua:1: broken") && posted.contains("bad.lua does not load"))
    #expect(posted.split(separator: "run.given_up").count == 2, "\(posted)")
  }

  @Test func `a mail has what was lost, and is sent again if it does not arrive`() throws {
    let alarm = try #require(
      try BuiltInAlarm(
        mail: Setting(name: "--on-failure-mail", text: "ann@example.org,bo@example.org"),
        webhook: nil))
    let folder = try ScriptFolder(["alarm.lua": alarm.text])
    try folder.write(
      "alarm_test.lua",
      """
      test("mails", function(sim)
        local mails = {}
        sim:mock("mail.send", function(mail)
          mails[#mails + 1] = mail
          if #mails == 1 then return nil, "no answer", "connect" end
          return "id"
        end)
        sim:load("alarm.lua")
        sim:load("a.lua", [[on("go", { name = "job" }, function() error("broken") end)]])
        sim:emit("go")
        sim:emit("go")
        sim:advance("1m")
        expect(mails):has_length(2)
        expect(mails[2].to):equals { "ann@example.org", "bo@example.org" }
        expect(mails[2].subject):matches("^Moonwheel on .*: a.lua:job was given up %(and 1 more%)$")
        expect(mails[2].text):contains("a.lua:job was given up (failed)\\na.lua:1: broken\\nmoonwheel runs ")
      end)
      """)
    let outcome = try moonwheel("test", folder.path)
    #expect(outcome.code == 0, "\(outcome)")
  }

  @Test(arguments: [
    (["--on-failure-mail", "ann"], "--on-failure-mail: must be an address"),
    (["--on-failure-mail", "a@b,c d@e"], "--on-failure-mail: must be an address"),
    (["--on-failure-webhook", "example.org/x"], "--on-failure-webhook: must be a URL"),
    (["--on-failure-webhook", "https://*/x"], "--on-failure-webhook: must be a URL"),
    (
      ["--on-failure-mail", "a@b.org", "--on-failure", "a.lua"],
      "--on-failure SCRIPT has an alarm script already"
    ),
    (["--on-failure-mail", "a@b.org"], "--on-failure-mail needs a server that takes the mails"),
  ])
  func `a mistake in a flag`(flags: [String], message: String) throws {
    let folder = try ScriptFolder(["a.lua": ""])
    let outcome = try moonwheel(["run", "a.lua", "--store", "memory"] + flags, in: folder)
    #expect(outcome.code == 64 && outcome.log.contains(message), "\(outcome)")
  }
}
