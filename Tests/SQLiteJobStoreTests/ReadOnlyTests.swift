import Foundation
import Glibc
import MoonwheelModel
import SQLiteJobStore
import TestSupport
import Testing

/// In a folder where nothing can be written. Root may write anywhere, so a child process becomes somebody else.
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

  @Test func `a store that was closed can be read, and not written`() async throws {
    try filledStore(path, runs: 3).close()
    try forbidWriting()
    await #expect(processExitsWith: .success) { [path = path as String] in
      Self.becomeNobody()
      let reader = SQLiteJobStore(path: path, mode: .readOnly)
      let runs = try reader.runs(RunQuery())
      #expect(runs.map(\.run.rawValue) == [3, 2, 1])
      let refused = refusal { _ = try SQLiteJobStore(path: path).load() }
      #expect(refused?.code == .readOnly)
      #expect(refused?.description.contains("the right to write") == true)
    }
  }

  @Test(arguments: [true, false])
  func `a store that a crash has left is read where that can be`(isComplete: Bool) async throws {
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
        let refused = refusal { _ = try reader.runs(RunQuery()) }
        #expect(refused?.code == .readOnly)
        #expect(refused?.description.contains("copy the files") == true)
        return
      }
      let runs = try reader.runs(RunQuery())
      #expect(runs.map(\.run.rawValue) == [3, 2, 1])
    }
  }

  @Test func `a store that somebody else may not read is refused`() async throws {
    try filledStore(path, runs: 3).close()
    unsafe chmod(path, 0)
    await #expect(processExitsWith: .success) { [path = path as String] in
      Self.becomeNobody()
      let reader = SQLiteJobStore(path: path, mode: .readOnly)
      let refused = refusal { _ = try reader.runs(RunQuery()) }
      #expect(refused?.code == .readOnly)
      #expect(refused?.description.contains("Permission denied") == true)
    }
  }

  @Test func `names with the signs of a URI are names`() async throws {
    let odd = folder.path("100%?#[a b]&é.db")
    try filledStore(odd, runs: 3).close()
    try forbidWriting()
    await #expect(processExitsWith: .success) { [odd = odd as String] in
      Self.becomeNobody()
      let runs = try SQLiteJobStore(path: odd, mode: .readOnly).runs(RunQuery())
      #expect(runs.count == 3)
    }
  }
}
