import Glibc
import TestSupport
import Testing

@testable import SystemCalls

@Suite struct NewFileTests {
  @Test func `a file is written once`() throws {
    let folder = try TemporaryFolder()
    let bytes = [UInt8](repeating: 7, count: 300_000)
    try NewFile.write(bytes, to: folder.path("a"))
    #expect(try RegularFile.read(folder.path("a"), atMost: 1 << 20) == bytes)
    do {
      try NewFile.write([], to: folder.path("a"))
      Issue.record("the file was written again")
    } catch {
      #expect(error.isTaken)
    }
    #expect(FileStatus(of: folder.path("a"))?.version.size == 300_000)
  }

  @Test func `a link that leads nowhere is a name that is taken`() throws {
    let folder = try TemporaryFolder()
    try folder.link("a", to: "nowhere")
    do {
      try NewFile.write([1], to: folder.path("a"))
      Issue.record("the file was written")
    } catch {
      #expect(error.isTaken)
    }
    #expect(try folder.names == ["a"])
  }

  @Test func `an empty folder can be removed, and no other`() throws {
    let folder = try TemporaryFolder()
    try folder.folder("a")
    try folder.write("a/b")
    #expect(!FileNames.removeFolder(folder.path("a")))
    folder.remove("a/b")
    #expect(FileNames.removeFolder(folder.path("a")))
    #expect(try folder.names.isEmpty)
  }

  @Test func `the user has a name or a number`() {
    #expect(Accounts.isRoot == (geteuid() == 0))
    #expect(Accounts.isRoot ? Accounts.currentUser == "root" : !Accounts.currentUser.isEmpty)
  }
}
