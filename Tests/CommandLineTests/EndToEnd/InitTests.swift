import FoundationEssentials
import Glibc
import SystemCalls
import Testing

@testable import MoonwheelCLI

/// `moonwheel init`, as somebody who has just got the program.
@Suite struct InitTests {
  private static let root = #filePath.split(separator: "/").dropLast(4).map { "/" + $0 }.joined()
  private static let all = [
    ".gitignore", ".luals", ".luarc.json", "hello.lua", "hello_test.lua", "moonwheel-jobs.service",
    "moonwheel.policy",
  ]

  private static func text(_ path: String) throws -> String {
    String(decoding: try RegularFile.read(path, atMost: 1 << 20), as: UTF8.self)
  }

  private static func names(_ path: String) throws -> [String] {
    try FolderEntries.names(in: path)
  }

  /// The commands that the program says to type next.
  private static func next(_ outcome: Outcome) throws -> [String] {
    let text = try #require(outcome.output.split(separator: "\nNext:\n").last)
    return text.split(separator: "\n").map { String($0.drop { $0 == " " }) }
  }

  private static func shell(_ command: String, in folder: ScriptFolder) throws -> (Int32, String) {
    let process = try MoonwheelProcess(program: "/bin/sh", ["-c", command], in: folder)
    let code = try process.exit()
    return (code, process.text(.output) + process.text(.log))
  }

  @Test func `a new folder can be tested, checked and run`() throws {
    let here = try ScriptFolder()
    let outcome = try moonwheel("init", "jobs", in: here)
    #expect(outcome.code == 0 && outcome.log.isEmpty)
    #expect(try Self.names(here.path + "/jobs") == Self.all)
    for name in Self.all { #expect(outcome.output.contains("  " + name)) }
    let test = try moonwheel("test", "jobs", in: here)
    #expect(test.code == 0 && test.lines.last?.hasPrefix("2 passed, 0 failed") == true)
    let check = try moonwheel("check", "--strict", "jobs", in: here)
    #expect(check.code == 0 && check.lines.last == "1 script, 3 jobs, no errors")
    let run = try moonwheel("run", "jobs", "--for", "3s", in: here)
    #expect(run.code == 0 && run.log.contains("hello.lua/hello  hello, run 1"))
    #expect(run.log.contains("(--for 3s): 1 run succeeded"))
  }

  @Test(arguments: ["jobs", "a/new place/it's 50% of $HOME", "-x", "*"])
  func `the commands that it prints work when they are typed`(name: String) throws {
    let here = try ScriptFolder()
    let commands = try Self.next(try moonwheel(["init", "--", name], in: here))
    #expect(commands.count == 2)
    let (code, output) = try Self.shell(commands[0], in: here)
    #expect(code == 0 && output.contains("2 passed, 0 failed"), "\(commands[0]): \(output)")
    let (end, log) = try Self.shell(commands[1] + " --for 100ms", in: here)
    #expect(end == 0 && log.contains("runs 3 jobs of 1 script"), "\(commands[1]): \(log)")
  }

  @Test func `nothing is overwritten, and what is missing is added only if asked for`() throws {
    let here = try ScriptFolder([".gitignore": "mine\n", "hello_test.lua": "-- mine"])
    let refused = try moonwheel("init", ".", in: here)
    #expect(refused.code == 2 && refused.output.isEmpty)
    #expect(
      refused.log.contains(
        ". has hello_test.lua, .gitignore already, so nothing was written; to keep that and add the rest: "
      ))
    #expect(refused.log.contains("moonwheel init . --add\n"))
    #expect(here.names() == [".gitignore", "hello_test.lua"])

    let added = try moonwheel("init", ".", "--add", in: here)
    #expect(added.code == 0)
    #expect(try Self.text(here.path + "/.gitignore") == "mine\n")
    #expect(try Self.text(here.path + "/hello_test.lua") == "-- mine")
    #expect(here.names().contains("hello.lua"))
    #expect(!added.output.contains("  hello_test.lua  "))
    #expect(added.lines.contains("note: .gitignore lacks the line .moonwheel/"))
    #expect(
      try moonwheel("init", ".", "--add", in: here).output.hasPrefix(". has all of it already"))
  }

  @Test func `a folder of scripts gets no example, and files of another version are named`() throws
  {
    let here = try ScriptFolder(["a.lua": "every('1s', { name = 'a' }, print)"])
    let outcome = try moonwheel("init", ".", in: here)
    #expect(outcome.code == 0)
    #expect(!here.names().contains { $0.hasPrefix("hello") })
    let commands = try Self.next(outcome)
    #expect(commands[0].hasSuffix(" check .") && commands[1].hasSuffix(" run ."))

    try here.write("moonwheel.d.lua", "---@meta", in: ".luals")
    try here.write(".luarc.json", "{}")
    let unit = try #require(here.names().first { $0.hasSuffix(".service") })
    try here.write(unit, "ExecStart=/usr/bin/moonwheel run /elsewhere")
    let again = try moonwheel("init", ".", "--add", in: here)
    #expect(
      again.lines.contains(
        "note: .luals/moonwheel.d.lua is of another version: remove it and repeat this for that of 0.1.0"
      ))
    #expect(
      again.lines.contains(
        "note: \(unit) runs another program or folder: remove it and repeat this"))
    #expect(
      again.lines.contains("note: .luarc.json lacks \"workspace.library\": [\".luals\"]"))
  }

  @Test func `an edited example counts as a script of the user's own`() throws {
    let here = try ScriptFolder(["hello.lua": "every('1s', { name = 'mine' }, print)"])
    #expect(try moonwheel("init", ".", in: here).code == 0)
    #expect(!here.names().contains("hello_test.lua"))
  }

  @Test func `where a file cannot be written, none is`() throws {
    let here = try ScriptFolder([".luals": "a file in the way", "file": ""])
    let outcome = try moonwheel("init", ".", in: here)
    #expect(outcome.code == 2 && outcome.output.isEmpty)
    #expect(
      outcome.log == "moonwheel: . cannot be written, and is left as it was: Not a directory\n")
    #expect(here.names() == [".luals", "file"])
    let deep = try moonwheel("init", "file/jobs", in: here)
    #expect(deep.code == 2 && deep.log.contains("file/jobs cannot be written"))
    let file = try moonwheel("init", "file", in: here)
    #expect(file.code == 2 && file.log == "moonwheel: file is a file; init makes a folder\n")
    let system = try moonwheel("init", "/proc/moonwheel/jobs")
    #expect(system.code == 2 && system.log.contains("/proc/moonwheel/jobs cannot be written"))
  }

  /// Root may write everywhere.
  @Test(.enabled(if: geteuid() == 0)) func `a user without the right is told so`() throws {
    let here = try ScriptFolder()
    let command = "exec setpriv --reuid=65534 --regid=65534 --clear-groups \"$@\""
    let process = try MoonwheelProcess(
      program: "/bin/sh", ["-c", command, "sh", try BuiltProgram.path(), "init", "jobs"], in: here)
    #expect(try process.exit() == 2)
    #expect(
      process.text(.log)
        == "moonwheel: jobs cannot be written, and is left as it was: Permission denied\n")
    #expect(here.names().isEmpty)
  }

  @Test func `editors find the words of this version`() throws {
    let here = try ScriptFolder()
    _ = try moonwheel("init", ".", in: here)
    let settings = try JSONDecoder().decode(
      Settings.self, from: Data(Self.text(here.path + "/.luarc.json").utf8))
    #expect(settings.version == "Lua 5.4")
    let library = try #require(settings.library.first)
    for name in ["moonwheel", "docker", "s3", "slack", "webhook"] {
      #expect(
        try Self.text("\(here.path)/\(library)/\(name).d.lua")
          == Self.text(Self.root + "/stdlib/library/\(name).d.lua"), "\(name)")
    }
  }

  private struct Settings: Decodable {
    enum CodingKeys: String, CodingKey {
      case version = "runtime.version"
      case library = "workspace.library"
    }
    var version: String
    var library: [String]
  }

  // MARK: The unit

  @Test(
    .enabled(if: FileStatus(of: "/usr/bin/systemd-analyze") != nil),
    arguments: ["jobs", "50% of $HOME's"])
  func `systemd takes the unit`(name: String) throws {
    let here = try ScriptFolder()
    _ = try moonwheel("init", name, in: here)
    let names = try Self.names("\(here.path)/\(name)")
    let unit = try #require(names.first { $0.hasSuffix(".service") })
    let process = try MoonwheelProcess(
      program: "/usr/bin/systemd-analyze", ["verify", "\(here.path)/\(name)/\(unit)"])
    let code = try process.exit()
    #expect(code == 0 && process.text(.log).isEmpty, "\(process.text(.log))")
  }

  @Test func `the unit runs as its user, or for root as a user of its own`() throws {
    let own = try #require(
      ServiceUnit(folder: "/home/ada/jobs", program: "/usr/bin/moonwheel", user: "ada"))
    #expect(own.fileName == "moonwheel-jobs.service")
    let lines = own.text.split(separator: "\n")
    for line in [
      "User=ada", "ReadWritePaths=/home/ada/jobs", "ProtectHome=read-only", "PrivateTmp=yes",
      "ExecStart=/usr/bin/moonwheel run /home/ada/jobs",
      "#   systemctl enable --now /home/ada/jobs/moonwheel-jobs.service",
    ] {
      #expect(lines.contains { $0 == line }, "\(line)")
    }
    let roots = try #require(
      ServiceUnit(folder: "/srv/my jobs", program: "/usr/bin/moonwheel", user: nil))
    #expect(roots.fileName == "moonwheel-my-jobs.service")
    #expect(roots.text.contains("\nDynamicUser=yes\nStateDirectory=moonwheel-my-jobs\n"))
    #expect(roots.text.contains("\nExecStart=/usr/bin/moonwheel run \"/srv/my jobs\"\n"))
    #expect(roots.text.contains("\nProtectHome=yes\n") && !roots.text.contains("\nUser="))
    #expect(!roots.text.contains(" @") || roots.text.contains("~@privileged @resources"))
    #expect(ServiceUnit(folder: "/srv/a\"b", program: "/usr/bin/moonwheel", user: nil) == nil)
    #expect(ServiceUnit(folder: "/srv/a\nb", program: "/usr/bin/moonwheel", user: nil) == nil)
  }

  @Test func `the unit has the protection of the packaged one`() throws {
    let packaged = try Self.text(Self.root + "/packaging/moonwheel.service")
    let start = try #require(packaged.firstRange(of: "CapabilityBoundingSet="))
    let protection = packaged[start.lowerBound...].prefix { $0 != "[" }.split(separator: "\n")
    let unit = try #require(
      ServiceUnit(folder: "/srv/jobs", program: "/usr/bin/moonwheel", user: nil))
    #expect(protection.count > 20)
    for line in protection { #expect(unit.text.contains("\n\(line)\n"), "\(line)") }
  }
}
