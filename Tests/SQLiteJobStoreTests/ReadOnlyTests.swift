import Foundation
import Glibc
import MoonwheelModel
import SQLiteJobStore
import TestSupport
import Testing

/// Stores in a folder that the process cannot write. Root may write anywhere, so a child process changes its user.
struct ReadOnlyTests {
  let folder: TemporaryFolder
  let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = folder.path("store.db")
  }

  private func forbidWriting() throws {
    for name in try folder.names { unsafe chmod(folder.path(name), 0o444) }
    unsafe chmod(folder.path, 0o555)
  }

  private static func becomeNobody() {
    if getuid() == 0 { precondition(setuid(65_534) == 0, "it stays root") }
  }

  @Test func `a closed store can be read, but not written`() async throws {
    try filledStore(path, runs: 3).close()
    try forbidWriting()
    await #expect(processExitsWith: .success) { [path = path as String] in
      Self.becomeNobody()
      let reader = SQLiteJobStore(path: path, mode: .readOnly)
      let runs = try reader.runs(RunQuery())
      #expect(runs.map(\.run.rawValue) == [3, 2, 1])
      let refused = storeError { _ = try SQLiteJobStore(path: path).load() }
      #expect(refused?.code == .readOnly)
      #expect(refused?.description.contains("the right to write") == true)
    }
  }

  @Test(arguments: [true, false])
  func `a store that a crash left is read if its log can be`(isComplete: Bool) async throws {
    let store = try filledStore(folder.path("live.db"), runs: 3)
    for suffix in ["", "-wal"] + (isComplete ? ["-shm"] : []) {
      try FileManager.default.copyItem(
        atPath: folder.path("live.db") + suffix, toPath: path + suffix)
    }
    store.close()
    try forbidWriting()
    await #expect(processExitsWith: .success) {
      [path = path as String, isComplete = isComplete as Bool] in
      Self.becomeNobody()
      let reader = SQLiteJobStore(path: path, mode: .readOnly)
      guard isComplete else {
        let refused = storeError { _ = try reader.runs(RunQuery()) }
        #expect(refused?.code == .readOnly)
        #expect(refused?.description.contains("copy the files") == true)
        return
      }
      let runs = try reader.runs(RunQuery())
      #expect(runs.map(\.run.rawValue) == [3, 2, 1])
    }
  }

  @Test func `the error says that the process may not read the file`() async throws {
    try filledStore(path, runs: 3).close()
    unsafe chmod(path, 0)
    await #expect(processExitsWith: .success) { [path = path as String] in
      Self.becomeNobody()
      let reader = SQLiteJobStore(path: path, mode: .readOnly)
      let refused = storeError { _ = try reader.runs(RunQuery()) }
      #expect(refused?.code == .readOnly)
      #expect(refused?.description.contains("Permission denied") == true)
    }
  }

  @Test func `a name with characters of a URI works`() async throws {
    let path = folder.path("100%?#[a b]&é.db")
    try filledStore(path, runs: 3).close()
    try forbidWriting()
    await #expect(processExitsWith: .success) { [path = path as String] in
      Self.becomeNobody()
      let runs = try SQLiteJobStore(path: path, mode: .readOnly).runs(RunQuery())
      #expect(runs.count == 3)
    }
  }
}
