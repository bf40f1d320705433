import Glibc
import Layers
import Moonwheel
import MoonwheelSimulation
import MoonwheelTesting
import Permissions
import SystemIO
import TestServices
import TestSupport
import Testing

@testable import StandardModules

/// A server of OpenSSH for tests, run by the user of the tests, with keys of its own, and settings for `ssh` that know it.
private final class SSHServer: Sendable {
  let folder: TemporaryFolder
  let config: String
  private let service: Service

  init() throws {
    let folder = try TemporaryFolder()
    self.folder = folder
    let port = FreePort.next()
    // What the server of root demands to be there.
    if geteuid() == 0 { _ = unsafe mkdir("/run/sshd", 0o755) }
    let script = """
      for key in host id other; do ssh-keygen -q -t ed25519 -N '' -f $key; done
      cp id.pub authorized
      echo "[127.0.0.1]:\(port) $(cut -d' ' -f1,2 host.pub)" > known
      exec /usr/sbin/sshd -D -e -f "$PWD/sshd_config"
      """
    try folder.write(
      "sshd_config",
      """
      Port \(port)
      ListenAddress 127.0.0.1
      HostKey \(folder.path)/host
      AuthorizedKeysFile \(folder.path)/authorized
      StrictModes no
      UsePAM no
      PidFile none
      PasswordAuthentication no
      KbdInteractiveAuthentication no
      MaxStartups 100
      PermitRootLogin yes
      Subsystem sftp internal-sftp

      """)
    func host(_ name: String, _ port: UInt16, _ key: String, _ known: String) -> String {
      """
      Host \(name)
        HostName 127.0.0.1
        Port \(port)
        IdentityFile \(folder.path)/\(key)
        IdentitiesOnly yes
        UserKnownHostsFile \(known)

      """
    }
    let known = folder.path("known")
    try folder.write(
      "config",
      host("far", port, "id", known) + host("stranger", port, "id", "/dev/null")
        + host("locked", port, "other", known) + host("closed", 1, "id", known)
        + "Host *\n  GlobalKnownHostsFile /dev/null\n")
    config = folder.path("config")
    service = try Service(["/bin/sh", "-c", script], in: folder, until: .port(port))
  }

  /// The text of a key, as Lua.
  func key(_ name: String) throws -> String {
    let bytes = try RegularFile.read(folder.path(name), atMost: 10_000)
    return "[[\n" + String(decoding: bytes, as: UTF8.self) + "]]"
  }
}

@Suite(.timeLimit(.minutes(2)), .serialized) struct SSHTests {
  private static let server = Result { try SSHServer() }

  private func start(
    _ body: String, _ log: LogRecorder, folder: TemporaryFolder, more: String = ""
  ) async throws -> Scheduler {
    let server = try await inThread { try Self.server.get() }
    var configuration = Configuration()
    configuration.permissions = .asked
    configuration.sshConfig = server.config
    configuration.shutdownTimeout = .milliseconds(100)
    let text = """
      permissions {
        net = { "far", "stranger", "locked", "closed", "127.0.0.1:1" }, read = { "\(server.folder.path)" },
        write = { "\(folder.path)" },
      }
      on('go', { name = 'job' }, function()
      local function show(result, message, code, partial)
        if result then print(result.code, result.stdout, result.stderr, result.size) else print(code, message, partial and partial.code) end
      end
      \(body)
      end)
      \(more)
      """
    configuration.texts = [(name: "a.lua", source: text)]
    let host = try Scheduler(configuration, logger: log.logger)
    try host.start()
    _ = try await host.jobs
    try host.emit("go")
    return host
  }

  private func said(_ body: String) async throws -> [String] {
    let log = LogRecorder()
    let folder = try TemporaryFolder()
    let host = try await start(
      body.replacing("$F", with: folder.path), log, folder: folder)
    #expect(
      log.wait(seconds: 60) { $0.contains { $0.message == "end" || $0.event == "run.failed" } })
    await host.stop()
    return log.lines.filter { $0.isSaid || $0.event == "run.failed" }.map(\.message).filter {
      $0 != "end"
    }
  }

  @Test func `output, errors and code of a command come back, each by itself`() async throws {
    let lines = try await said(
      """
      local quiet = { log = false }
      show(ssh("far", "echo out; printf wrong >&2; exit 7", quiet))
      show(ssh("far", { "printf", "%s|", "a b", "it's", "$HOME", 3 }, quiet))
      show(ssh("far", "cat; echo; pwd", { stdin = ("x"):rep(9) .. "\\0y", cwd = "/usr", log = false }))
      show(ssh("far", "exit 255", quiet))
      show(ssh("far", "kill -KILL $$", quiet))
      show(ssh("far", "exit 3", { ok_codes = { 0, 3 }, log = false }))
      show(ssh("far", "head -c 300000 /dev/zero | tr '\\\\0' x", { log = false, max_output = 10 }))
      ssh("far", "echo one; printf two >&2")
      print("end")
      """)
    #expect(
      lines == [
        "exit\texit 7: wrong\t7", "0\ta b|it's|$HOME|3|\t\tnil", "0\txxxxxxxxx\0y\n/usr\n\t\tnil",
        "exit\texit 255\t255", "exit\texit 137\t137", "3\t\t\tnil",
        "0\txxxxx\n[... 299990 bytes left out ...]\nxxxxx\t\tnil", "one", "two",
      ])
  }

  @Test func `who is not let in and what does not answer have codes of their own`() async throws {
    let lines = try await said(
      """
      local function code(...) print((select(3, ssh(...)))) end
      code("stranger", "true")
      code("locked", "true")
      code("closed", "true")
      code("elsewhere", "true")
      code("far", "true", { port = 2222 })
      code("far", "sleep 60", { timeout = "300ms" })
      print(ssh("locked", "cat", { identity = \(try Self.server.get().key("id")), stdin = "by key", log = false }).stdout)
      code("locked", "true", { identity = "no key", log = false })
      print("end")
      """)
    let said = lines.filter { !$0.contains(" ") || $0 == "by key" }.filter { $0 != "nil" }
    #expect(
      said == ["auth", "auth", "connect", "denied", "denied", "timeout", "by key", "auth"],
      "\(lines)")
  }

  @Test func `files come and go, and are whole or not there`() async throws {
    let lines = try await said(
      #"""
      local there = "$F/there *[a]?\"'\\.txt"
      assert(fs.write("$F/a", "text of a"))
      show(ssh.put("far", "$F/a", there))
      show(ssh.get("far", there, "$F/b"))
      print(fs.read("$F/b"))
      print((select(3, ssh.get("far", "/nowhere/x", "$F/c"))), fs.exists("$F/c"))
      print((select(3, ssh.put("far", "/etc/passwd", "$F/d"))), (select(3, ssh.get("far", there, "/etc/x"))))
      print((select(3, ssh.put("far", "$F/a", "/nowhere/x"))), #fs.list("$F"))
      show(ssh("far", "echo new; cat", { stdin = { file = "$F/a" }, to = "$F/e", log = false }))
      print(fs.read("$F/e"))
      print("end")
      """#)
    #expect(
      lines.filter { !$0.contains("may not") } == [
        "0\t\t\t9", "0\t\t\t9", "text of a", "exit\tfalse", "denied\tdenied", "exit\t3",
        "0\t\t\t13", "new\ntext of a",
      ], "\(lines)")
  }

  @Test(arguments: [
    "-oProxyCommand=touch /tmp/x", "far\\n", "a b", "ssh://far", "far;id", "$(id)", "`id`", "",
    "a/b",
    "-l@far", "x y@far", "far:22/x",
  ])
  func `a host that is none is a mistake`(host: String) async throws {
    let lines = try await said("print(pcall(ssh, \"\(host)\", 'true'))\nprint('end')")
    #expect(
      lines.count == 1 && lines[0].hasPrefix("false\t") || lines[0].contains("denied"), "\(lines)")
  }

  /// Ways in which a run ends while its command goes on, or has left something.
  private static let ways = ["return", "error", "timeout", "limit", "cancel", "killed", "stop"]

  @Test func `no far command is left, however its run ends`() async throws {
    let log = LogRecorder()
    let numbers = Self.ways.map { _ in "\(UInt32.random(in: 100_000_000 ... .max))" }
    let goesOn = "trap : TERM; (trap '' TERM; exec sleep N) & echo begun; while :; do sleep N; done"
    let bodies = zip(Self.ways, numbers).map { way, number in
      let isOver = way == "return" || way == "error"
      let command = isOver ? "sleep N & echo begun" : goesOn
      let options = "{ kill_after = '1s', timeout = '\(way == "timeout" ? "3s" : "1h")' }"
      return """
        on('go', { name = '\(way)', timeout = '\(way == "limit" ? "3s" : "1h")' }, function()
          ssh('far', [[\(command.replacing("N", with: number))]], \(options))
          \(way == "error" ? "error('no')" : "")
        end)
        """
    }
    let host = try await start(
      "", log, folder: TemporaryFolder(), more: bodies.joined(separator: "\n"))
    // Those with a limit may be over before their command has begun, on a machine that is busy.
    let unlimited = Set(Self.ways).subtracting(["timeout", "limit"])
    #expect(
      log.wait(seconds: 60) { lines in
        let begun = lines.lazy.filter { $0.message == "begun" }.compactMap(\.job)
        return unlimited.isSubset(of: begun)
      })
    let run = try #require(
      log.lines.first { $0.message == "begun" && $0.job == "cancel" }?.metadata["run"])
    try await host.job("cancel").cancel(#require(Run.ID(run)))
    let client = try #require(
      ProcessWords.processes(with: numbers[5]).first {
        ProcessWords.words(of: $0).hasPrefix("ssh ")
          || ProcessWords.words(of: $0).hasPrefix("/usr/bin/ssh ")
      })
    kill(client, SIGKILL)
    for number in numbers.dropLast() { try await waitUntilGone(number) }
    await host.stop()
    try await waitUntilGone(numbers[6])
  }

  private func waitUntilGone(_ text: String) async throws {
    var left = ProcessWords.processes(with: text)
    for _ in 0..<3_000 where !left.isEmpty {
      try await Task.sleep(for: .milliseconds(10))
      left = left.filter { ProcessWords.isThere($0, with: text) }
    }
    #expect(ProcessWords.processes(with: text).isEmpty)
  }

  @Test func `a simulation reaches nothing, and tests give the answers`() throws {
    let (simulation, trace) = try Simulation.load([
      "a.lua":
        "permissions { net = { 'far' } }\nafter('1s', function() print(ssh('far', 'true')) end)"
    ])
    try simulation.run(for: .seconds(2))
    #expect(trace.lines == ["nil\tssh.run is not mocked: sim:mock(\"ssh.run\", ...)\tsimulated"])
  }
}
