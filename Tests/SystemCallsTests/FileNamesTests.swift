import TestSupport
import Testing

@testable import SystemCalls

@Suite struct FileNamesTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func code(_ body: () throws(SystemCallError) -> Void) -> SystemCallError? {
    do {
      try body()
      return nil
    } catch {
      return error
    }
  }

  @Test func `a folder is made once, and only in one that is there`() throws {
    try FileNames.makeFolder(folder.path("a"))
    #expect(FileStatus(of: folder.path("a"))?.kind == .folder)
    let again = code { () throws(SystemCallError) in try FileNames.makeFolder(folder.path("a")) }
    #expect(again?.isTaken == true)
    let deep = code { () throws(SystemCallError) in try FileNames.makeFolder(folder.path("b/c")) }
    #expect(deep?.isMissing == true && deep?.reason == "No such file or directory")
  }

  @Test func `a rename replaces a file, and a link does not`() throws {
    try folder.write("a", "a")
    try folder.write("b", "bb")
    let taken = code { () throws(SystemCallError) in
      try FileNames.link(folder.path("a"), as: folder.path("b"))
    }
    #expect(taken?.isTaken == true)
    try FileNames.link(folder.path("a"), as: folder.path("c"))
    #expect(FileStatus(of: folder.path("c"))?.names == 2)
    try FileNames.rename(folder.path("a"), to: folder.path("b"))
    #expect(try folder.names == ["b", "c"])
    #expect(FileStatus(of: folder.path("b"))?.version.size == 1)
  }

  @Test func `removing a name that is not there does nothing`() throws {
    try folder.write("a")
    #expect(FileNames.remove(folder.path("a")))
    #expect(!FileNames.remove(folder.path("a")))
    #expect(try folder.names.isEmpty)
  }

  @Test func `a missing file is not readable`() throws {
    try folder.write("a")
    #expect(
      code { () throws(SystemCallError) in try FileNames.checkReadable(folder.path("a")) } == nil)
    let error = code { () throws(SystemCallError) in
      try FileNames.checkReadable(folder.path("b"))
    }
    #expect(error?.isMissing == true)
  }
}
