import Foundation
import MoonwheelModel
import SQLiteJobStore
import TestSupport
import Testing

/// Somebody removes, moves or replaces the files of a store that a host has open.
struct LostFileTests {
  let folder: TemporaryFolder
  let inner: String
  let path: String

  init() throws {
    folder = try TemporaryFolder()
    inner = folder.path("inner")
    path = inner + "/store.db"
  }

  private let files = FileManager.default

  private func pendingRuns(_ store: SQLiteJobStore) throws -> [UInt64] {
    try store.pendingRuns(of: StoreKey(rawValue: 1)).map(\.run.rawValue)
  }

  private func commit(_ run: UInt64, to store: SQLiteJobStore) -> StoreError? {
    storeError { try store.commit([.pendingRun(pendingRun(run))], isDurable: true) }
  }

  /// Reads a copy of the files, as after a crash of the host.
  private func expectKept(_ runs: [UInt64], sourceLocation: SourceLocation = #_sourceLocation)
    throws
  {
    let copy = folder.path("copy")
    try files.copyItem(atPath: inner, toPath: copy)
    defer { #expect(throws: Never.self) { try files.removeItem(atPath: copy) } }
    let store = SQLiteJobStore(path: copy + "/store.db")
    let state = try store.load()
    #expect(state.pendingRuns.map(\.run.rawValue) == runs, sourceLocation: sourceLocation)
    store.close()
  }

  @Test(arguments: [
    ["."], ["store.db"], ["store.db-wal"], ["store.db-shm", "store.db-wal"], ["store.db.lock"],
    ["store.db", "store.db.lock"],
  ])
  func `after a file is removed, one commit is refused, and the next writes all content again`(
    names: [String]
  ) throws {
    let store = try filledStore(path, runs: 2)
    for name in names { try files.removeItem(atPath: name == "." ? inner : inner + "/" + name) }
    let refused = try #require(commit(3, to: store))
    #expect(refused.code == .missing)
    #expect(refused.description.contains("the host writes it again"))
    #expect(try store.runs(RunQuery()).count == 2)
    #expect(commit(4, to: store) == nil)
    #expect(try pendingRuns(store) == [1, 2, 4])
    #expect(try store.runs(RunQuery()).count == 2)
    try expectKept([1, 2, 4])
    // The host holds the new lock.
    #expect(storeError { _ = try SQLiteJobStore(path: path).load() }?.code == .held)
    store.close()
    let next = SQLiteJobStore(path: path)
    #expect(try next.load().pendingRuns.count == 3)
    next.close()
  }

  @Test func `a folder that is renamed stays as it was, and the host goes on at its path`() throws {
    let store = try filledStore(path, runs: 2)
    try files.moveItem(atPath: inner, toPath: folder.path("moved"))
    #expect(commit(3, to: store)?.code == .missing)
    #expect(commit(4, to: store) == nil)
    try expectKept([1, 2, 4])
    store.close()
    let moved = SQLiteJobStore(path: folder.path("moved") + "/store.db")
    #expect(try moved.load().pendingRuns.count == 2)
    moved.close()
  }

  @Test func `a folder that is moved, with a link at its old path, is not lost`() throws {
    let store = try filledStore(path, runs: 2)
    try files.moveItem(atPath: inner, toPath: folder.path("moved"))
    try files.createSymbolicLink(atPath: inner, withDestinationPath: folder.path("moved"))
    #expect(commit(3, to: store) == nil)
    store.close()
  }

  @Test func `a file that somebody put at the path stays, and no change is accepted`() throws {
    let store = try filledStore(path, runs: 2)
    try files.removeItem(atPath: inner)
    try files.createDirectory(atPath: inner, withIntermediateDirectories: false)
    let other = try filledStore(folder.path("other.db"), runs: 7)
    other.close()
    try files.moveItem(atPath: folder.path("other.db"), toPath: path)
    for _ in 1...3 {
      let refused = try #require(commit(3, to: store))
      #expect(refused.code == .replaced)
      #expect(refused.description.contains("restart the host to use this file, or move it away"))
    }
    try expectKept([1, 2, 3, 4, 5, 6, 7])
    try files.removeItem(atPath: path)
    #expect(commit(4, to: store) == nil)
    try expectKept([1, 2, 4])
    store.close()
  }

  @Test func `of two hosts, the later one keeps its files`() throws {
    let first = try filledStore(path, runs: 2)
    try files.removeItem(atPath: inner)
    let second = SQLiteJobStore(path: path)
    _ = try second.load()
    try second.commit([.job(job(1)), .pendingRun(pendingRun(9))], isDurable: true)
    for _ in 1...3 {
      #expect([.replaced, .held].contains(commit(3, to: first)?.code))
      #expect(commit(10, to: second) == nil)
    }
    first.close()
    #expect(commit(11, to: second) == nil)
    try expectKept([9, 10, 11])
    second.close()
  }

  @Test func `a host whose lock went to another host accepts no more changes`() throws {
    let first = try filledStore(path, runs: 2)
    try files.removeItem(atPath: path + ".lock")
    let second = SQLiteJobStore(path: path)
    _ = try second.load()
    #expect(commit(3, to: second) == nil)
    #expect(commit(4, to: first)?.code == .missing)
    #expect(commit(4, to: first)?.code == .held)
    second.close()
    #expect(commit(4, to: first)?.code == .replaced)
    first.close()
    let third = SQLiteJobStore(path: path)
    #expect(try third.load().pendingRuns.map(\.run.rawValue) == [1, 2, 3])
    third.close()
  }

  @Test func `a log that somebody replaced is not read as the host's own`() throws {
    let store = try filledStore(path, runs: 2)
    let other = try filledStore(folder.path("other.db"), runs: 7)
    try files.removeItem(atPath: path + "-wal")
    try files.copyItem(atPath: folder.path("other.db-wal"), toPath: path + "-wal")
    #expect(commit(3, to: store)?.code == .missing)
    #expect(commit(4, to: store) == nil)
    try expectKept([1, 2, 4])
    store.close()
    other.close()
  }

  @Test func `a commit that succeeds without rights to the file is really stored`() throws {
    let store = try filledStore(path, runs: 2)
    try files.setAttributes([.posixPermissions: 0], ofItemAtPath: path)
    let refused = commit(3, to: store)
    try files.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
    try expectKept(refused == nil ? [1, 2, 3] : [1, 2])
    store.close()
  }
}
