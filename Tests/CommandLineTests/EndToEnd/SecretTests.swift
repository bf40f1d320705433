import Glibc
import SystemCalls
import Testing

/// Secrets of the program: where they come from, and that they are in no file and no output.
@Suite(.timeLimit(.minutes(2))) struct SecretTests {
  private static let value = "a value/that \"nobody\" may see"

  private static let script = """
    permissions { secret = { "*" } }
    local s = assert(secret("TOKEN"))
    print("loaded with " .. s)
    on("never", { name = "later" }, print)
    after("1ms", { name = "prints" }, function() print(s, { s }, hash.base64(s)) end)
    after("1ms", { name = "fails", retry = { max = 2, from = "1h" } }, function() error(s) end)
    after("1ms", { name = "returns" }, function()
      jobs.later:after("1h", { s })
      print("said " .. secret("OTHER"))
      return { token = s }
    end)
    """

  @Test func `none is in the environment, the log, the store and what commands show`() throws {
    let folder = try ScriptFolder(["a.lua": Self.script])
    try folder.makeFolder("secrets")
    try folder.write("TOKEN", Self.value + "\n", in: "secrets")
    unsafe chmod(folder.path + "/secrets/TOKEN", 0o600)
    let host = try MoonwheelProcess(
      ["run", ".", "--secrets", "secrets", "--allow-asked", "--log-events", "**"], in: folder,
      environment: ["MOONWHEEL_SECRET_OTHER": "another value"])
    try host.line("said ***")
    try host.line("ERROR a.lua/fails")
    let environment = try RegularFile.read("/proc/\(host.pid)/environ", atMost: 1 << 20)
    #expect(!text(environment).contains("another value"))
    #expect(!text(environment).contains("MOONWHEEL_SECRET"))
    host.signal(SIGTERM)
    #expect(try host.exit() == 0)
    var shown = [host.text(.log)]
    for command in [
      ["runs"], ["runs", "--json"], ["why", "fails"], ["why", "returns", "--json"],
    ] {
      shown.append(try moonwheel(command, in: folder).output)
    }
    let exec = try moonwheel(
      "exec", ".", "returns", "--secrets", "secrets", "--allow-asked", in: folder,
      environment: ["MOONWHEEL_SECRET_OTHER": "another value"])
    #expect(exec.output == "{\"token\":\"***\"}\n")
    shown += [exec.log]
    for name in try FolderEntries.names(in: folder.path + "/.moonwheel") {
      let path = folder.path + "/.moonwheel/" + name
      guard FileStatus(of: path)?.kind == .file else { continue }
      shown.append(text(try RegularFile.read(path, atMost: 1 << 28)))
    }
    #expect(shown.count > 6)
    for part in ["a value/that", "another value", "may see", "YSB2YWx1ZS90aGF0"] {
      #expect(shown.allSatisfy { !$0.contains(part) }, "\(part)")
    }
  }

  private func text(_ bytes: [UInt8]) -> String {
    String(decoding: bytes.map { $0 < 128 ? $0 : 0 }, as: UTF8.self)
  }

  @Test func `check needs none, and a folder that is not there is said`() throws {
    let folder = try ScriptFolder(["a.lua": Self.script])
    #expect(try moonwheel("check", "--allow-asked", ".", in: folder).code == 0)
    let outcome = try moonwheel("run", ".", "--secrets", "nowhere", in: folder)
    #expect(outcome.code == 64)
    #expect(outcome.log == "moonwheel: --secrets: no such folder: nowhere\n")
    let file = try moonwheel(
      "exec", ".", "prints", in: folder, environment: ["MOONWHEEL_SECRETS": "a.lua"])
    #expect(file.code == 64)
    #expect(file.log.contains("MOONWHEEL_SECRETS: must be a folder with one file for each secret"))
  }
}
