import TestSupport
import Testing

@testable import SystemCalls

@Suite struct DescriptorFilesTests {
  private let folder: TemporaryFolder
  private let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = folder.path("file")
  }

  @Test func `a file that is opened for writing is made, and content is replaced whole`() throws {
    let file = try Descriptor.open(path, for: .readWrite)
    try file.replaceContent(Array("long text".utf8))
    try file.replaceContent(Array("text".utf8))
    #expect(try file.readStart(atMost: 100) == Array("text".utf8))
    #expect(try file.readStart(atMost: 2) == Array("te".utf8))
    try file.sync()
    try file.replaceContent([])
    #expect(try file.readStart(atMost: 100).isEmpty)
  }

  @Test func `a folder can be synced`() throws {
    try Descriptor.open(folder.path, for: .read).sync()
  }

  @Test func `a file that is missing or cannot be written is an error`() throws {
    let missing = #expect(throws: SystemCallError.self) {
      _ = try Descriptor.open(path, for: .read).number
    }
    #expect(missing?.isMissing == true && missing?.description == "open: No such file or directory")
    try folder.write("file")
    let readOnly = try Descriptor.open(path, for: .read)
    #expect(throws: SystemCallError.self) { try readOnly.replaceContent([1]) }
    let isFolder = try Descriptor.open(folder.path, for: .read)
    #expect(throws: SystemCallError.self) { try isFolder.readStart(atMost: 1) }
  }

  @Test func `one opening of a file has the lock, until it unlocks or is closed`() throws {
    let first = try Descriptor.open(path, for: .readWrite)
    let second = try Descriptor.open(path, for: .read)
    #expect(try first.tryLock() && first.tryLock())
    #expect(try !second.tryLock())
    first.unlock()
    #expect(try second.tryLock() && !first.tryLock())
    second.unlock()
    func lockAndClose() throws -> Bool { try Descriptor.open(path, for: .read).tryLock() }
    #expect(try lockAndClose() && first.tryLock())
  }

  @Test func `an open file keeps its identity when its path leads to another one`() throws {
    try folder.write("file")
    let file = try Descriptor.open(path, for: .read)
    let identity = try file.status().identity
    #expect(try FileStatus(reading: path).identity == identity)
    try folder.move("file", "moved")
    try folder.write("file")
    #expect(try file.status().identity == identity)
    #expect(try FileStatus(reading: folder.path("moved")).identity == identity)
    #expect(try FileStatus(reading: path).identity != identity)
  }
}
