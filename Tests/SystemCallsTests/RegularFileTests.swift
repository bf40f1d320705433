import Glibc
import TestSupport
import Testing

@testable import SystemCalls

@Suite struct RegularFileTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func problem(_ name: String, atMost limit: Int = 1 << 20) -> String {
    do throws(FileError) {
      return "it has \(try RegularFile.read(folder.path(name), atMost: limit).count) bytes"
    } catch {
      return String(error.description.dropFirst(folder.path.count + 1))
    }
  }

  @Test(arguments: [0, 1, 65_535, 65_536, 65_537, 200_000])
  func `a file is read to its end`(size: Int) throws {
    let text = String(repeating: "x", count: size)
    try folder.write("file", text)
    #expect(try RegularFile.read(folder.path("file"), atMost: 200_000) == Array(text.utf8))
  }

  @Test func `a file without a size is read too`() throws {
    #expect(try !RegularFile.read("/proc/self/status", atMost: 1 << 20).isEmpty)
  }

  @Test func `a file of a far time is read`() throws {
    try folder.write("file", "x")
    let far = timespec(tv_sec: 9_300_000_000, tv_nsec: 0)
    try #require(unsafe utimensat(AT_FDCWD, folder.path("file"), [far, far], 0) == 0)
    #expect(try RegularFile.read(folder.path("file"), atMost: 1) == Array("x".utf8))
  }

  @Test func `a file that cannot be read is an error with its path and the reason`() throws {
    try folder.write("large", String(repeating: "x", count: (1 << 20) + 1))
    try folder.folder("folder")
    try #require(unsafe mkfifo(folder.path("pipe"), 0o600) == 0)
    #expect(problem("missing") == "missing: No such file or directory")
    #expect(problem("folder") == "folder: this is not a regular file")
    #expect(problem("pipe") == "pipe: this is not a regular file")
    #expect(problem("large") == "large: this is larger than 1 MiB, the most that is read")
    #expect(problem("large", atMost: 1 << 21) == "it has 1048577 bytes")
  }
}
