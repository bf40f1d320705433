import Glibc
import Layers
import Moonwheel
import MoonwheelSimulation
import MoonwheelTesting
import StandardModules
import TestSupport
import Testing

@testable import ScriptHost

@Suite(.timeLimit(.minutes(1))) struct SecretTests {
  /// What a script prints while it loads.
  private func said(
    _ text: String, asking: String = "secret = { '*' }",
    _ configure: (inout Configuration) -> Void = { _ in }
  ) async throws -> [String] {
    var configuration = Configuration()
    configuration.permissions = .asked
    configure(&configuration)
    let host = try TestScheduler(
      ["a.lua": "permissions { \(asking) }\n\(text)"], configuration: configuration)
    await host.stop()
    return host.log.said
  }

  private func folder(_ files: [String: String], mode: mode_t = 0o600) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for (name, text) in files {
      try folder.write(name, text)
      unsafe chmod(folder.path(name), mode)
    }
    return folder
  }

  @Test func `the program gives it, then the folder, then the environment`() async throws {
    let folder = try folder(["A": "folder-a-value\n", "B": "folder-b-value\r\n", "E": "\n"])
    let lines = try await said(
      "for _, n in ipairs { 'A', 'B', 'C' } do print(hash.hex(secret(n))) end"
    ) {
      $0.secrets = { $0 == "A" ? "program-a-value" : nil }
      $0.selection.secrets.folder = folder.path
      $0.selection.secrets.taken = Dictionary(
        uniqueKeysWithValues: "BC".map { ("\($0)", Array("taken-\($0)-value".utf8)) })
    }
    let values = ["program-a-value", "folder-b-value", "taken-C-value"]
    #expect(
      lines
        == values.map {
          $0.utf8.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        })
  }

  @Test func `what is missing, or not granted, is said`() async throws {
    let folder = try folder([:])
    let lines = try await said(
      "print(secret('A')) print(select(3, secret('B')))", asking: "secret = { 'A' }"
    ) { $0.selection.secrets.folder = folder.path }
    #expect(
      lines == [
        "nil\tthere is no secret A: \(folder.path) has no file of that name, and MOONWHEEL_SECRET_A was not set when the host started\tmissing",
        "denied",
      ])
  }

  @Test func `a file that others can read is refused, unless nobody enters its folder`()
    async throws
  {
    let folder = try folder(["A": "a-value-of-this"], mode: 0o644)
    let script = "print(secret('A')) print(require('moonwheel.secret') == secret)"
    let open = try await said(script) { $0.selection.secrets.folder = folder.path }
    #expect(
      open == [
        "nil\tthe secret A is refused: \(folder.path)/A can be read or written by others (mode 644); chmod 600 keeps it\tdenied",
        "true",
      ])
    unsafe chmod(folder.path, 0o700)
    #expect(
      try await said(script) { $0.selection.secrets.folder = folder.path } == ["***", "true"])
    try folder.folder("D")
    let lines = try await said("print((select(2, secret('D'))))") {
      $0.selection.secrets.folder = folder.path
    }
    #expect(lines == ["the secret D is refused: \(folder.path)/D is not a file"])
  }

  @Test func `a name is a name, and leads nowhere else`() async throws {
    let folder = try folder(["A": "a-value-of-this"])
    let lines = try await said(
      """
      for _, name in ipairs { "../A", "/etc/passwd", ".A", "", "A/B", "1", 7, {} } do
        print((select(2, pcall(secret, name))))
      end
      """
    ) { $0.selection.secrets.folder = folder.path }
    #expect(lines.count == 8)
    #expect(
      lines[..<6].allSatisfy { $0.contains("is not the name of a secret: names have letters") })
    #expect(lines[6...].allSatisfy { $0.contains("secret takes the name of a secret, not ") })
  }

  @Test func `a new value counts at once, and the old one stays masked`() async throws {
    let folder = try folder(["A": "first-value"])
    let log = LogRecorder()
    var configuration = Configuration()
    configuration.permissions = .asked
    configuration.selection.secrets.folder = folder.path
    configuration.texts = [
      (
        name: "a.lua",
        source:
          "permissions { secret = { 'A' } }\nlocal old = secret('A')\non('go', function() print(#secret('A'), old, secret('A')) end)"
      )
    ]
    let host = try Scheduler(configuration, logger: log.logger)
    try host.start()
    host.waitUntilLoaded()
    try folder.write("A", "second-value!")
    try host.emit("go")
    #expect(try await inThread { log.wait { $0.contains(where: \.isSaid) } })
    #expect(log.said == ["13\t***\t***"])
    await host.stop()
  }

  @Test func `a short one is not masked, which is said once`() async throws {
    var configuration = Configuration()
    configuration.permissions = .asked
    configuration.secrets = { _ in "1234567" }
    let host = try TestScheduler(
      ["a.lua": "permissions { secret = { 'A' } }\nprint(secret('A'), secret('A'))"],
      configuration: configuration)
    await host.stop()
    #expect(
      host.log.said == [
        "the secret A has fewer than 8 bytes, and is not masked: the log and the store show it",
        "1234567\t1234567",
      ])
  }

  @Test func `check and simulations need none`() throws {
    let text = "permissions { secret = { 'A' } }\nprint(secret('A'))"
    var configuration = Configuration()
    configuration.permissions = .asked
    configuration.secrets = { _ in
      Issue.record("it was asked")
      return nil
    }
    configuration.texts = [(name: "a.lua", source: text + " assert(secret('A') == '<secret A>')")]
    #expect(try Inspection(configuration).errors.isEmpty)
    let (_, trace) = try Simulation.load(["a.lua": text])
    #expect(trace.lines == ["<secret A>"])
  }

  @Test func `the folder of secrets is none of fs`() async throws {
    let folder = try folder(["A": "a-value-of-this"])
    let lines = try await said(
      "print(select(3, fs.read('\(folder.path)/A')))", asking: "read = { '/tmp' }"
    ) { $0.selection.secrets.folder = folder.path }
    #expect(lines == ["denied"])
  }

  @Test func `a secret is no name of a job`() async throws {
    let lines = try await said(
      """
      local a = secret("A")
      print((select(2, pcall(every, "1m", { name = "to " .. a }, print))))
      print((pcall(every, "1m", { name = "to " .. secret("B") }, print)))
      """
    ) { $0.secrets = { $0 == "A" ? "0123456789abcdef" : "postgres" } }
    #expect(
      lines[0].hasSuffix(
        "a secret is in the name of a job, which everybody may read: choose another name"))
    #expect(lines[1] == "true")
  }
}
