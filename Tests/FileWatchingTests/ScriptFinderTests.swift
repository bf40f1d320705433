import Glibc
import TestSupport
import Testing

@testable import FileWatching

@Suite struct ScriptFinderTests {
  @Test(arguments: [
    ("job.lua", true), ("a.b.lua", true), ("_test.lua", false), ("job_test.lua", false),
    ("job_tests.lua", true), ("job.lua~", false), ("4913", false), (".job.lua", false),
    (".#job.lua", false), (".job.lua.swp", false), ("#job.lua#", false), ("job.lua.swp", false),
    ("job.luac", false), ("job.LUA", false), (".lua", false), ("sedAbC123", false),
  ])
  func `the name decides whether a file is a script`(name: String, isScript: Bool) {
    #expect(ScriptFinder.isScript(fileName: name) == isScript)
  }

  @Test func `a folder's scripts at any depth are listed in the order of names`() throws {
    let folder = try TemporaryFolder()
    for name in ["b", "b/deep", "lib", "lua_modules", ".git", "b/lib", "empty.lua"] {
      try folder.folder(name)
    }
    for name in [
      "z.lua", "a.lua", "a_test.lua", "notes.txt", ".hidden.lua", "b/c.lua", "b/deep/d.lua",
      "lib/l.lua", "lua_modules/m.lua", ".git/g.lua", "b/lib/n.lua", "4913", "a.lua~",
    ] { try folder.write(name) }
    for root in [folder.path, folder.path + "//"] {
      let listing = ScriptFinder.list(ScriptRoot(path: root))
      #expect(listing.scripts.map(\.name) == ["a.lua", "b/c.lua", "b/deep/d.lua", "z.lua"])
      #expect(listing.scripts.map(\.path) == listing.scripts.map { folder.path($0.name) })
      #expect(listing.failures == [])
    }
  }

  @Test func `a root that is a file is a script whatever its name`() throws {
    let folder = try TemporaryFolder()
    try folder.write("job_test.lua")
    let path = folder.path("job_test.lua")
    #expect(
      ScriptFinder.list(ScriptRoot(path: path)).scripts
        == [FoundScript(path: path, name: "job_test.lua")])
  }

  @Test func `links to files and folders are followed, but each folder is read once`() throws {
    let folder = try TemporaryFolder()
    let elsewhere = try TemporaryFolder()
    try elsewhere.write("far.lua")
    try elsewhere.write("one.lua")
    try folder.folder("real")
    try folder.write("real/x.lua")
    try folder.link("real/circle", to: "..")
    try folder.link("again", to: "real")
    try folder.link("away", to: elsewhere.path)
    try folder.link("alias.lua", to: elsewhere.path("one.lua"))
    try folder.link("dangling.lua", to: "nowhere")
    let listing = ScriptFinder.list(ScriptRoot(path: folder.path))
    #expect(
      listing.scripts.map(\.name)
        == ["alias.lua", "away/far.lua", "away/one.lua", "real/x.lua"])
    #expect(listing.failures == [])
  }

  @Test func `only a regular file is a script`() throws {
    let folder = try TemporaryFolder()
    try #require(unsafe mkfifo(folder.path("pipe.lua"), 0o600) == 0)
    #expect(ScriptFinder.list(ScriptRoot(path: folder.path)).scripts == [])
  }

  /// None of them depends on the user's rights: root may read everything.
  @Test func `what looks like a script and is none is told with its reason`() throws {
    let folder = try TemporaryFolder()
    try folder.write("good.lua")
    try folder.link("dangling.lua", to: "nowhere")
    try folder.link("loop.lua", to: "loop.lua")
    try folder.link("zero.lua", to: "/dev/null")
    try folder.link("notes", to: "nowhere")
    try folder.folder("sub")
    try #require(unsafe mkfifo(folder.path("sub/pipe.lua"), 0o600) == 0)
    let name = Array("\(folder.path)/caf".utf8) + [0xE9] + Array(".lua".utf8)
    let file = unsafe name.map { CChar(bitPattern: $0) }.withUnsafeBufferPointer { name in
      unsafe creat(Array(name) + [0], 0o600)
    }
    try #require(file >= 0)
    close(file)
    let listing = ScriptFinder.list(ScriptRoot(path: folder.path))
    #expect(listing.scripts.map(\.name) == ["good.lua"])
    #expect(listing.failures == [])
    let misfits = listing.misfits.map { String($0.description.dropFirst(folder.path.count + 1)) }
    #expect(
      misfits.sorted() == [
        "caf\u{fffd}.lua: the name is not UTF-8, so nothing of it is read; rename it",
        "dangling.lua: the link cannot be followed: No such file or directory",
        "loop.lua: the link cannot be followed: Too many levels of symbolic links",
        "sub/pipe.lua: this is no regular file, so it is not read",
        "zero.lua: this is no regular file, so it is not read",
      ])
  }

  @Test func `a missing root is a failure that names it`() {
    let listing = ScriptFinder.list(ScriptRoot(path: "/nowhere/scripts"))
    #expect(listing.scripts == [])
    #expect(listing.failures.map(\.code) == [.missing])
    #expect(listing.failures.first?.description.hasPrefix("/nowhere/scripts: ") == true)
  }
}
