import Glibc
import Permissions
import ScriptHost
import SystemCalls
import TestSupport
import Testing
import WorkerPool

@testable import StandardModules

/// Reading, writing and listing, on the disk and in the memory of a simulation alike.
@Suite(.timeLimit(.minutes(1))) struct DiskFilesTests {
  private let folder: TemporaryFolder
  private let pins = PathPins()

  enum Kind: CaseIterable { case disk, overlay }

  init() throws {
    folder = try TemporaryFolder()
    try folder.folder("w")
  }

  private func files(_ kind: Kind) -> any FileBackend {
    let host = HostPaths(Configuration(), store: nil)
    return kind == .disk ? DiskFiles(host: host) : OverlayFiles(host) { 5_000_000_000 }
  }

  private func place(_ path: String, own: [OwnFolder] = []) throws -> FilePlace {
    var asked = PermissionSet()
    asked[.write] = ["w"]
    let grants = Grants(asked: asked, granted: asked, folder: folder.path)
    return try #require(
      FilePlace(RawPath(path), in: folder.path, for: .write, grants, pins, own: own))
  }

  private func text(_ path: String, _ files: any FileBackend) throws -> String {
    String(decoding: try files.read(place(path), ReadLimit(bytes: 1_000)), as: UTF8.self)
  }

  @Test(arguments: Kind.allCases) func `files are written, grow, are copied and renamed`(
    _ kind: Kind
  ) throws {
    let files = files(kind)
    try files.write(place("w/a"), Array("one".utf8), WriteOptions())
    try files.append(place("w/a"), Array(" two".utf8), WriteOptions())
    try files.append(place("w/b"), Array("new".utf8), WriteOptions())
    #expect(try text("w/a", files) == "one two" && text("w/b", files) == "new")
    try files.copy(place("w/a"), to: place("w/b")) { true }
    #expect(try text("w/b", files) == "one two")
    try files.rename(place("w/b"), to: place("w/c"))
    #expect(throws: FileFailure.self) { try text("w/b", files) }
    #expect(try text("w/c", files) == "one two")
    #expect(try files.facts(of: place("w/a"), followingLinks: true).size == 7)
    #expect(
      Set(try files.names(in: place("w"), atMost: 10).map(\.text)) == ["a", "c"])
    try files.remove(place("w/a"), recursive: false) { true }
    #expect(try files.names(in: place("w"), atMost: 10).map(\.text) == ["c"])
  }

  @Test(arguments: Kind.allCases) func `folders are made with those around them, and removed`(
    _ kind: Kind
  ) throws {
    let files = files(kind)
    try files.makeFolder(place("w/x/y/z"))
    try files.makeFolder(place("w/x/y"))
    try files.write(place("w/x/y/z/f"), [1], WriteOptions())
    #expect(throws: FileFailure.refused(.exists, "something else has this name")) {
      try files.makeFolder(place("w/x/y/z/f"))
    }
    #expect(failure { try files.write(place("w/none/f"), [1], WriteOptions()) } == "missing")
    #expect(failure { try files.write(place("w/x"), [1], WriteOptions()) } == "is_dir")
    #expect(failure { try files.remove(place("w/x"), recursive: false) { true } } == "not_empty")
    try files.rename(place("w/x"), to: place("w/moved"))
    #expect(try files.read(place("w/moved/y/z/f"), ReadLimit(bytes: 1)) == [1])
    #expect(failure { _ = try files.names(in: place("w/moved/y/z/f"), atMost: 1) } == "not_dir")
    try files.remove(place("w/moved"), recursive: true) { true }
    #expect(failure { try files.remove(place("w/moved"), recursive: true) { true } } == "missing")
    #expect(failure { _ = try files.names(in: place("w/moved"), atMost: 1) } == "missing")
    #expect(try files.names(in: place("w"), atMost: 10).isEmpty)
  }

  private func failure(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "done"
    } catch {
      return (error as? FileFailure)?.word ?? "\(error)"
    }
  }

  @Test func `what a simulation writes, the disk does not have`() throws {
    try folder.write("w/real", "real")
    try folder.write("w/other", "other")
    let files = files(.overlay)
    #expect(try text("w/real", files) == "real")
    try files.write(place("w/real"), Array("ours".utf8), WriteOptions())
    try files.remove(place("w/other"), recursive: false) { true }
    try files.write(place("w/more"), [], WriteOptions())
    #expect(try text("w/real", files) == "ours")
    #expect(
      Set(try files.names(in: place("w"), atMost: 10).map(\.text)) == ["real", "more"])
    #expect(try text("w/real", self.files(.disk)) == "real")
    #expect(try FolderEntries.names(in: folder.path("w")) == ["other", "real"])
    #expect(
      failure {
        for number in 0..<100 {
          try files.write(place("w/\(number)"), Array(repeating: 1, count: 1 << 20), WriteOptions())
        }
      } == "no_space")
  }

  @Test func `a file keeps its rights, or gets those that are given`() throws {
    let files = files(.disk)
    func mode(_ name: String) -> UInt32? { FileStatus(of: folder.path(name))?.mode }
    try files.write(place("w/a"), [1], WriteOptions(mode: 0o640))
    #expect(mode("w/a") == 0o640)
    try files.write(place("w/a"), [2], WriteOptions())
    #expect(mode("w/a") == 0o640)
    try files.copy(place("w/a"), to: place("w/b")) { true }
    #expect(mode("w/b") == 0o640)
  }

  @Test func `a write that is given up leaves nothing beside, and the file as it was`() throws {
    let files = files(.disk)
    try files.write(place("w/a"), [1], WriteOptions())
    let count = Counter()
    let options = WriteOptions(isWanted: { count.next() < 3 })
    #expect(throws: FileFailure.unwanted) {
      try files.write(place("w/a"), [UInt8](repeating: 7, count: 8 << 20), options)
    }
    #expect(try FolderEntries.names(in: folder.path("w")) == ["a"])
    #expect(try files.read(place("w/a"), ReadLimit(bytes: 10)) == [1])
  }

  private final class Counter: Sendable {
    private let count = Condition(0)
    func next() -> Int {
      count.withLock { count in
        count += 1
        return count
      }
    }
  }

  @Test func `a folder of a script's own has a bound, and counts what others remove`() throws {
    let files = files(.disk)
    try folder.folder("own")
    let path = try #require(Paths.resolved(folder.path("own")))
    let own = OwnFolder(RawPath(path), name: "fs.data", bound: 100_000)
    func place(_ name: String) throws -> FilePlace {
      try self.place(folder.path("own/\(name)"), own: [own])
    }
    try files.write(place("a"), [UInt8](repeating: 1, count: 50_000), WriteOptions())
    try files.write(place("a"), [UInt8](repeating: 1, count: 90_000), WriteOptions())
    #expect(
      failure {
        try files.write(place("b"), [UInt8](repeating: 1, count: 20_000), WriteOptions())
      } == "no_space")
    #expect(
      failure {
        try files.append(place("a"), [UInt8](repeating: 1, count: 20_000), WriteOptions())
      } == "no_space")
    #expect(try FolderEntries.names(in: folder.path("own")) == ["a"])
    folder.remove("own/a")
    try files.write(place("b"), [UInt8](repeating: 1, count: 20_000), WriteOptions())
    #expect(
      failure { for number in 0..<100 { try files.makeFolder(place("d\(number)")) } } == "no_space")
  }

  @Test func `lines are read some at once, and a long one is refused`() throws {
    let files = files(.disk)
    var text = ""
    for number in 0..<50_000 { text += "line \(number)\n" }
    try files.write(place("w/a"), Array((text + "last").utf8), WriteOptions(sync: false))
    let reader = LineReader(try files.lines(of: place("w/a")), script: "a.lua")
    var count = 0
    while true {
      let lines = try reader.next()
      if lines.isEmpty { break }
      for line in lines {
        let wanted = count == 50_000 ? "last" : "line \(count)"
        #expect(String(decoding: line, as: UTF8.self) == wanted)
        count += 1
      }
    }
    #expect(count == 50_001)
    try files.write(
      place("w/long"), [UInt8](repeating: 0x61, count: 2 << 20), WriteOptions(sync: false))
    let long = LineReader(try files.lines(of: place("w/long")), script: "a.lua")
    #expect(failure { while try !long.next().isEmpty {} } == "too_large")
  }

  @Test(arguments: [
    ("w/*.txt", ["w/a.txt", "w/b.txt"]), ("w/?.txt", ["w/a.txt", "w/b.txt"]),
    ("w/[!a].*", ["w/b.txt", "w/c.csv"]), ("w/[b-z].*", ["w/b.txt", "w/c.csv"]),
    ("w/*/*.txt", ["w/d/e.txt"]),
    ("w/**/*.txt", ["w/a.txt", "w/b.txt", "w/d/e.txt", "w/d/f/g.txt"]),
    ("w/**", ["w/a.txt", "w/b.txt", "w/c.csv", "w/d", "w/d/e.txt", "w/d/f", "w/d/f/g.txt"]),
    ("w/.*", ["w/.hidden"]), ("w/none*", []), ("w/d/*", ["w/d/e.txt", "w/d/f"]),
  ])
  func `a pattern finds names`(_ pattern: String, _ wanted: [String]) throws {
    for name in ["w/d", "w/d/f"] { try folder.folder(name) }
    for name in ["w/a.txt", "w/b.txt", "w/c.csv", "w/.hidden", "w/d/e.txt", "w/d/f/g.txt"] {
      try folder.write(name)
    }
    let parsed = try #require(PathPattern(RawPath(pattern)))
    let found = try parsed.matches(
      in: place(parsed.base.text), files(.disk), atMost: 100, while: { true })
    #expect(found.map(\.text).sorted() == wanted)
  }

  @Test func `a pattern of many stars takes no long time`() {
    let name = [UInt8](repeating: 0x61, count: 255)
    let pattern = Array(String(repeating: "*a", count: 100).utf8) + [0x62]
    #expect(!PathPattern.matches(name[...], pattern[...]))
  }
}

/// The folders of a host's life.
@Suite struct ScriptFoldersTests {
  @Test func `what a host has left that was killed goes at the next start, and nothing else`()
    throws
  {
    let folder = try TemporaryFolder()
    let living = ScriptFolders(folder.path("files"))
    let temporary = living.temporary(of: "a.lua")
    try living.prepare(temporary)
    try living.prepare(living.data(of: "a.lua"))
    try folder.folder("files/tmp/12345-dead")
    try folder.write("files/tmp/12345-dead/x")
    let next = ScriptFolders(folder.path("files"))
    next.sweep()
    #expect(try FolderEntries.names(in: folder.path("files/tmp")).count == 1)
    #expect(FileStatus(of: temporary.path.text) != nil)
    living.end(until: .max)
    #expect(try FolderEntries.names(in: folder.path("files/tmp")).isEmpty)
    #expect(FileStatus(of: living.data(of: "a.lua").path.text) != nil)
  }

  @Test func `scripts have folders of their own, whatever their names are`() {
    #expect(ScriptFolders.name(of: "a.lua") == "a.lua")
    #expect(ScriptFolders.name(of: "reports/daily.lua") == "reports%2Fdaily.lua")
    #expect(ScriptFolders.name(of: "../x.lua") == "%2E.%2Fx.lua")
    #expect(ScriptFolders.name(of: "100%.lua") == "100%25.lua")
    #expect(ScriptFolders.name(of: String(repeating: "x", count: 300)).utf8.count == 65)
  }

  @Test func `a renamed script takes its data along, and nobody else's`() throws {
    let folder = try TemporaryFolder()
    let folders = ScriptFolders(folder.path("files"))
    try folders.prepare(folders.data(of: "old.lua"))
    try folder.write("files/data/old.lua/x")
    folders.rename("old.lua", to: "new.lua")
    #expect(FileStatus(of: folder.path("files/data/new.lua/x")) != nil)
    try folders.prepare(folders.data(of: "third.lua"))
    folders.rename("new.lua", to: "third.lua")
    #expect(FileStatus(of: folder.path("files/data/new.lua/x")) != nil)
  }
}
