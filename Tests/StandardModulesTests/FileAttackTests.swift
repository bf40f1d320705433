import Glibc
import Permissions
import ScriptHost
import Synchronization
import SystemCalls
import TestSupport
import Testing
import WorkerPool

@testable import StandardModules

/// Paths that are to lead out of what is granted. `inbox` and `out` are granted in a folder, `secret` is not.
@Suite(.timeLimit(.minutes(1))) struct FileAttackTests {
  private let folder: TemporaryFolder
  private let disk = DiskFiles(host: HostPaths(Configuration(), store: nil))
  private let pins = PathPins()

  init() throws {
    folder = try TemporaryFolder()
    for name in ["inbox", "inbox/sub", "inbox2", "out", "secret"] { try folder.folder(name) }
    try folder.write("inbox/a.txt", "a")
    try folder.write("inbox2/b.txt", "b")
    try folder.write("secret/key", "key")
  }

  private func grants(
    read: [String] = ["inbox"], write: [String] = ["out"], denied: PermissionSet = [:]
  ) -> Grants {
    var asked = PermissionSet()
    asked[.read] = read
    asked[.write] = write
    return Grants(asked: asked, granted: asked, denied: denied, folder: folder.path)
  }

  private func place(
    _ path: String, _ kind: PermissionKind = .read, _ grants: Grants? = nil
  ) -> FilePlace? {
    FilePlace(RawPath(path), in: folder.path, for: kind, grants ?? self.grants(), pins)
  }

  /// What reading a path gives: its content or a code.
  private func read(_ path: String, _ grants: Grants? = nil) -> String {
    guard let place = place(path, .read, grants) else { return "denied" }
    do throws(FileFailure) {
      return String(decoding: try disk.read(place, ReadLimit(bytes: 1_000)), as: UTF8.self)
    } catch {
      return error.word
    }
  }

  private func write(_ path: String, _ grants: Grants? = nil) -> String {
    guard let place = place(path, .write, grants) else { return "denied" }
    do throws(FileFailure) {
      try disk.write(place, Array("new".utf8), WriteOptions())
      return "done"
    } catch {
      return error.word
    }
  }

  @Test func `what is granted can be read and written, and nothing else`() throws {
    #expect(read("inbox/a.txt") == "a")
    #expect(read("./inbox//sub/../a.txt") == "a")
    #expect(read("secret/key") == "denied")
    #expect(read("/etc/hostname") == "denied")
    #expect(write("out/x") == "done" && read("out/x") == "new")
    #expect(write("inbox/a.txt") == "denied")
    #expect(read("inbox/none") == "missing")
    #expect(read("inbox") == "is_dir")
    #expect(read("inbox/a.txt/x") == "not_dir")
  }

  @Test func `a name that begins with that of a granted folder is another one`() {
    #expect(read("inbox2/b.txt") == "denied")
    #expect(read("inbox/../inbox2/b.txt") == "denied")
  }

  @Test(arguments: [
    "inbox/../secret/key", "inbox/../../etc/passwd", "inbox/sub/../../secret/key",
    "/inbox/../etc/passwd", "..", "../..", "inbox/..",
  ])
  func `dots do not lead out`(path: String) { #expect(read(path) == "denied") }

  @Test func `links that lead out are denied, and those that stay are followed`() throws {
    try folder.link("inbox/absolute", to: folder.path("secret/key"))
    try folder.link("inbox/relative", to: "../secret/key")
    try folder.link("inbox/folder", to: "../secret")
    try folder.link("inbox/system", to: "/etc")
    try folder.link("inbox/chain", to: "relative")
    for name in ["absolute", "relative", "folder/key", "system/passwd", "chain"] {
      #expect(read("inbox/\(name)") == "denied", "\(name)")
    }
    try folder.link("inbox/near", to: "a.txt")
    try folder.link("inbox/up", to: "sub/../a.txt")
    try folder.link("inbox/full", to: folder.path("inbox/a.txt"))
    for name in ["near", "up", "full"] { #expect(read("inbox/\(name)") == "a", "\(name)") }
    try folder.link("inbox/round", to: "round")
    #expect(read("inbox/round") == "io")
  }

  @Test func `a write does not follow a link out, and changes what one within leads to`() throws {
    try folder.link("out/leak", to: "../secret/key")
    try folder.link("out/absolute", to: folder.path("secret/key"))
    try folder.link("out/new", to: "../secret/new")
    try folder.link("out/folder", to: "../secret")
    #expect(write("out/leak") == "denied")
    #expect(write("out/absolute") == "denied")
    #expect(write("out/folder/key") == "denied")
    #expect(write("out/new") != "done" || FileStatus(of: folder.path("secret/new")) == nil)
    #expect(read("secret/key", grants(read: ["secret"])) == "key")
    try folder.write("out/real", "old")
    try folder.link("out/near", to: "real")
    #expect(write("out/near") == "done")
    #expect(read("out/real") == "new")
    #expect(FileStatus(of: folder.path("out/near"), followingLinks: false)?.kind == .link)
  }

  @Test func `removing and renaming a link does not touch what it leads to`() throws {
    try folder.link("out/folder", to: "../secret")
    try folder.folder("out/tree")
    try folder.link("out/tree/link", to: "../../secret")
    for name in ["folder", "tree"] {
      let link = try #require(self.place("out/\(name)", .write))
      try disk.remove(link, recursive: true) { true }
    }
    #expect(try folder.names.contains("secret"))
    #expect(read("secret/key", grants(read: ["secret"])) == "key")
    #expect(FileStatus(of: folder.path("out/tree")) == nil)
  }

  @Test func `a link that is put in the place of a granted folder is not followed`() throws {
    #expect(read("inbox/a.txt") == "a")  // the folder is known from now on
    try folder.move("inbox", "gone")
    try folder.link("inbox", to: "secret")
    #expect(read("inbox/key") == "denied")
    folder.remove("inbox")
    try folder.folder("inbox")
    try folder.write("inbox/c.txt", "c")
    #expect(read("inbox/c.txt") == "c")  // another folder in its place is fine
  }

  @Test(arguments: [
    "/proc/self/environ", "/proc/self/root/etc/passwd", "/proc/self/cwd/x", "/proc/1/mem",
    "/sys/kernel/notes", "/dev/null", "/dev/zero", "/dev/mem", "/proc/../proc/self/maps",
  ])
  func `the files of the kernel are denied below the root, and open when they are named`(
    path: String
  ) throws {
    #expect(read(path, grants(read: ["/"])) == "denied")
    try folder.link("inbox/link", to: path)
    // A link to what `/proc/self/root` leads to is one to a file that is granted.
    if !path.contains("/root/") {
      #expect(read("inbox/link", grants(read: ["/"])) == "denied")
    }
    #expect(read("/etc/passwd", grants(read: ["/"])) != "denied")
    #expect(read("/proc/loadavg", grants(read: ["/", "/proc/loadavg"])).contains("."))
    #expect(read("/dev/null", grants(read: ["/dev/null"])) == "not_file")
  }

  @Test func `pipes, sockets and devices are no files, and nobody waits for them`() throws {
    #expect(unsafe mkfifo(folder.path("inbox/pipe"), 0o600) == 0)
    #expect(read("inbox/pipe") == "not_file")
    #expect(unsafe mkfifo(folder.path("out/pipe"), 0o600) == 0)
    #expect(write("out/pipe") == "not_file")
    let pipe = try #require(self.place("out/pipe", .write))
    #expect(throws: FileFailure.irregular) {
      try disk.append(pipe, [1], WriteOptions())
    }
    if Accounts.isRoot, unsafe mknod(folder.path("inbox/null"), S_IFCHR | 0o600, 0x103) == 0 {
      #expect(read("inbox/null") == "not_file")
    }
  }

  @Test func `a deny rule holds whatever path leads there`() throws {
    var denied = PermissionSet()
    denied[.read] = ["inbox/sub"]
    denied[.write] = ["out/kept"]
    try folder.write("inbox/sub/x", "x")
    try folder.link("inbox/way", to: "sub")
    try folder.folder("out/kept")
    try folder.write("out/kept/file")
    let grants = grants(denied: denied)
    #expect(read("inbox/sub/x", grants) == "denied")
    #expect(read("inbox/way/x", grants) == "denied")
    #expect(read("inbox/a.txt", grants) == "a")
    #expect(write("out/kept/file", grants) == "denied")
    let out = try #require(self.place("out", .write, grants))
    #expect(throws: FileFailure.denied(.write)) {
      try disk.remove(out, recursive: true) { true }
    }
    #expect(FileStatus(of: folder.path("out/kept/file")) != nil)
  }

  @Test
  func `scripts and modules are denied wherever they lie, and do not come along with a folder`()
    throws
  {
    try folder.write("out/old.lua", "print(1)")
    try folder.folder("out/lib")
    try folder.write("out/lib/m.lua")
    for name in ["out/new.lua", "out/old.lua", "out/lib/m.lua", "out/moonwheel.policy"] {
      #expect(write(name) == "denied", "\(name)")
    }
    #expect(write("out/old.lua", grants(write: ["out/old.lua"])) == "done")
    let lib = try #require(place("out/lib", .write))
    let moved = try #require(place("out/moved", .write))
    #expect(throws: FileFailure.denied(.write)) { try disk.rename(lib, to: moved) }
    let text = try #require(place("out/a.txt", .write))
    let script = try #require(place("out/a.lua", .write))
    try disk.write(text, [0x20], WriteOptions())
    #expect(throws: FileFailure.denied(.write)) { try disk.rename(text, to: script) }
  }

  @Test func `deep folders and long patterns are refused, and harm nobody`() throws {
    func code(_ body: () throws -> Void) -> String {
      do { try body() } catch { return (error as? FileFailure)?.word ?? "\(error)" }
      return "done"
    }
    let deep = String(repeating: "/d", count: 500)
    #expect(code { try disk.makeFolder(try #require(place("out" + deep, .write))) } == "io")
    #expect(code { try disk.makeFolder(try #require(place("out/a/b/c", .write))) } == "done")
    func list(_ path: String, isWanted: Bool = true) throws -> [RawPath] {
      let pattern = try #require(PathPattern(RawPath(path)))
      let base = try #require(place(pattern.base.text, .read, grants(read: ["out"])))
      return try pattern.matches(in: base, disk, atMost: 100, while: { isWanted })
    }
    #expect(
      try list("out" + String(repeating: "/**", count: 400) + "/c").map(\.text) == ["out/a/b/c"])
    #expect(code { _ = try list("out" + String(repeating: "/**/a", count: 60)) } == "too_large")
    #expect(code { _ = try list("out/**/c", isWanted: false) } != "done")
  }

  @Test func `a policy is denied wherever it lies, and where a link leads to it`() throws {
    try folder.write("out/shared.policy", "")
    try folder.link("moonwheel.policy", to: folder.path + "/out/shared.policy")
    var configuration = Configuration(paths: [folder.path])
    configuration.permissions = .policy(folder.path + "/moonwheel.policy")
    let disk = DiskFiles(host: HostPaths(configuration, store: nil))
    for granted in ["out", "."] {
      let place = try #require(
        self.place("out/shared.policy", .write, grants(read: [], write: [granted])))
      #expect(throws: FileFailure.denied(.write)) {
        try disk.write(place, [0x20], WriteOptions())
      }
      let moved = try #require(self.place("in", .write, grants(read: [], write: ["."])))
      let out = try #require(self.place("out", .write, grants(read: [], write: ["."])))
      #expect(throws: FileFailure.denied(.write)) { try disk.rename(out, to: moved) }
    }
    let named = try #require(
      self.place("out/shared.policy", .write, grants(read: [], write: ["out/shared.policy"])))
    try disk.write(named, [0x20], WriteOptions())
  }

  @Test func `the host's own files are denied unless they are named`() throws {
    try folder.write("a.lua", "print(1)")
    try folder.write("moonwheel.policy", "")
    try folder.folder(".moonwheel")
    try folder.write(".moonwheel/store.db", "rows")
    let disk = DiskFiles(host: HostPaths(Configuration(paths: [folder.path]), store: nil))
    func outcome(_ path: String, _ granted: String, reads: Bool = false) throws -> String {
      let grants = grants(read: [], write: [granted])
      let target = try #require(self.place(path, reads ? .read : .write, grants))
      do throws(FileFailure) {
        if reads {
          _ = try disk.read(target, ReadLimit(bytes: 100))
        } else {
          try disk.write(target, [0x20], WriteOptions())
        }
        return "done"
      } catch {
        return error.word
      }
    }
    #expect(try outcome("b.txt", ".") == "done")
    for path in ["a.lua", "new.lua", "inbox/deep.lua", "moonwheel.policy", ".moonwheel/store.db"] {
      #expect(try outcome(path, ".") == "denied", "\(path)")
    }
    #expect(try outcome("a.lua", ".", reads: true) == "done")
    #expect(try outcome(".moonwheel/store.db", ".", reads: true) == "denied")
    #expect(try outcome("a.lua", "a.lua") == "done")
    #expect(try outcome("moonwheel.policy", "moonwheel.policy") == "done")
    let whole = grants(read: [], write: ["."])
    let lib = try #require(self.place("lib", .write, whole))
    try folder.folder("lib")
    try folder.write("lib/m.lua")
    let moved = try #require(self.place("moved", .write, whole))
    #expect(throws: FileFailure.denied(.write)) { try disk.rename(lib, to: moved) }
    #expect(throws: FileFailure.denied(.write)) {
      try disk.remove(lib, recursive: true) { true }
    }
    let text = try #require(self.place("b.txt", .write, whole))
    let script = try #require(self.place("b.lua", .write, whole))
    #expect(throws: FileFailure.denied(.write)) { try disk.rename(text, to: script) }
  }

  @Test func `names that are not UTF-8 are listed, and read`() throws {
    let name: [UInt8] = [0x61, 0xff, 0xfe]
    let path = Array(folder.path("inbox/").utf8) + name
    let file = unsafe path.map { CChar(bitPattern: $0) }.withUnsafeBufferPointer { bytes in
      let text = unsafe Array(bytes) + [0]
      return unsafe Glibc.open(text, O_WRONLY | O_CREAT, 0o644)
    }
    #expect(file >= 0)
    close(file)
    let inbox = try #require(self.place("inbox"))
    let names = try disk.names(in: inbox, atMost: 100)
    #expect(names.contains { $0.bytes == name })
    let given = try #require(RawPath(Array("inbox/".utf8) + name))
    let odd = try #require(FilePlace(given, in: folder.path, for: .read, grants(), pins))
    #expect(try disk.read(odd, ReadLimit(bytes: 10)) == [])
  }

  @Test func `a long path and a path with a byte 0 lead nowhere`() {
    #expect(read("inbox/" + String(repeating: "x", count: 300)) == "io")
    #expect(read("inbox/" + String(repeating: "x/", count: 2_000)) != "")
    #expect(RawPath([0x61, 0, 0x62]) == nil)
  }

  /// One thread swaps a file for a link to the secret, all the time; the other one reads. To look where the path leads,
  /// and to open it then, is what a program without `openat2` does: a swap between the two is enough.
  @Test func `no race leads out, and the usual way does`() throws {
    try folder.write("inbox/race", "a")
    try folder.link("inbox/other", to: "../secret/key")
    final class Flag: Sendable { let isOver = Atomic<Bool>(false) }
    let flag = Flag()
    let (first, second) = (folder.path("inbox/race"), folder.path("inbox/other"))
    let swap: @Sendable () -> Void = {
      _ = unsafe rename(first, first + ".x")
      _ = unsafe rename(second, first)
      _ = unsafe rename(first + ".x", second)
    }
    let real = try #require(Paths.resolved(folder.path("inbox")))
    #expect(Paths.resolved(first)?.hasPrefix(real + "/") == true)
    swap()
    #expect(try RegularFile.read(first, atMost: 100) == Array("key".utf8))

    let swapper = try OSThread(name: "swapper") {
      while !flag.isOver.load(ordering: .relaxed) { swap() }
    }
    var (leaked, good, refused) = (0, 0, 0)
    let end = Clocks.monotonic() + 10_000_000_000
    while Clocks.monotonic() < end, good < 1_000 || refused < 1_000 {
      switch read("inbox/race") {
      case "key": leaked += 1
      case "a": good += 1
      case "denied": refused += 1
      default: break
      }
    }
    flag.isOver.store(true, ordering: .relaxed)
    swapper.join()
    #expect(leaked == 0)
    #expect(good > 0 && refused > 0, "the reader has not met both")
  }
}

extension FileFailure {
  var word: String {
    switch self {
    case .denied: "denied"
    case .refused(let code, _): code.rawValue
    case .unwanted: "unwanted"
    }
  }
}
