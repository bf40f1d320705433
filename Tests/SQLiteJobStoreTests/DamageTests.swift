import Foundation
import JobStoreConformance
import MoonwheelModel
import SQLiteJobStore
import TestSupport
import Testing
import Triggers

struct DamageTests {
  let folder: TemporaryFolder
  let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = folder.path("store.db")
  }

  /// The bytes of an undamaged store.
  private func undamagedFile() throws -> Data {
    try filledStore(path).close()
    return try Data(contentsOf: URL(fileURLWithPath: path))
  }

  /// Writes a file to the store's path, and removes the files beside it.
  private func write(_ bytes: Data) throws {
    for name in try folder.names where name != "store.db" && !name.contains("corrupt") {
      try FileManager.default.removeItem(atPath: folder.path(name))
    }
    try bytes.write(to: URL(fileURLWithPath: path))
  }

  /// Loads the store and calls every query; nil if nothing throws.
  private func useStore() -> StoreError? {
    storeError {
      let store = SQLiteJobStore(path: path)
      defer { store.close() }
      _ = try store.load()
      _ = try store.runs(RunQuery(limit: .max))
      _ = try store.summaries(RunQuery())
      _ = try store.decisions(RunQuery())
      _ = try store.pendingRuns(of: StoreKey(rawValue: 1))
      try store.commit([.ended(run(1_000)), .pendingRun(pendingRun(1_000))], isDurable: true)
      while try store.prune(at: .distantFuture) {}
    }
  }

  @Test func `a file that is overwritten anywhere is refused with a reason, or works`() throws {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SplitMix64(seed: seed)
    let undamaged = try undamagedFile()
    var found = 0
    for step in 0..<60 {
      var bytes = undamaged
      let offset = Int.random(in: 0..<bytes.count, using: &random)
      let count = [1, 16, 600, 5_000].randomElement(using: &random) ?? 1
      for index in offset..<min(bytes.count, offset + count) {
        bytes[index] = UInt8.random(in: 0...255, using: &random)
      }
      try write(bytes)
      guard let refused = useStore() else { continue }
      found += 1
      let codes: [StoreError.Code] = [.corrupt, .foreign, .newer, .io]
      let context = "seed \(seed), step \(step), \(count) bytes at \(offset): \(refused)"
      #expect(codes.contains(refused.code), "\(context)")
      #expect(refused.description.hasPrefix(path), "\(context)")
    }
    #expect(found > 5, "seed \(seed): only \(found) of 60 damages were found")
  }

  @Test func `the check of a small file finds damage that a start would not meet`() throws {
    var bytes = try undamagedFile()
    let roots = try rows(path, "SELECT rootpage FROM sqlite_schema WHERE name = 'runs_by_time'")
    let page = try #require(roots.first.flatMap { Int($0) })
    bytes.replaceSubrange((page - 1) * 4_096..<(page - 1) * 4_096 + 64, with: Data(count: 64))
    try write(bytes)
    #expect(storeError { _ = try SQLiteJobStore(path: path).load() }?.code == .corrupt)
  }

  @Test(arguments: [0.1, 0.5, 0.9, 0.999])
  func `a truncated file is damaged`(part: Double) throws {
    let undamaged = try undamagedFile()
    try write(undamaged.prefix(Int(Double(undamaged.count) * part)))
    let refused = try #require(useStore())
    #expect(refused.code == .corrupt)
    #expect(refused.description.contains("move it away"))
  }

  @Test(arguments: ["zeros", "noise", "header"])
  func `a file with other content is damaged`(kind: String) throws {
    var bytes = try undamagedFile()
    switch kind {
    case "zeros": bytes = Data(count: 8_192)
    case "noise": bytes = Data((0..<8_192).map { _ in UInt8.random(in: 0...255) })
    default: bytes.replaceSubrange(0..<100, with: Data(count: 100))
    }
    try write(bytes)
    #expect(useStore()?.code == .corrupt)
  }

  @Test(arguments: [0, -1, -2_147_483_648])
  func `a version that no host writes is damage`(version: Int) throws {
    try filledStore(path).close()
    _ = try rows(path, "PRAGMA user_version = \(version)")
    #expect(useStore()?.code == .corrupt)
  }

  @Test func `a value that cannot be read is damage, in every table`() throws {
    let updates = [
      "promises SET arguments = x'ff'", "promises SET kind = 77", "states SET value = x'0901'",
      "jobs SET state = 'none'", "jobs SET instants = x'33'",
    ]
    for update in updates {
      try undamagedFile().write(to: URL(fileURLWithPath: path))
      _ = try rows(path, "UPDATE \(update)")
      #expect(useStore()?.code == .corrupt, "\(update)")
      for name in try folder.names { try FileManager.default.removeItem(atPath: folder.path(name)) }
    }
  }

  @Test func `a damaged store is renamed with its log, and the host starts with a new one`() throws
  {
    var bytes = try undamagedFile()
    bytes.replaceSubrange(100..<4_000, with: Data(repeating: 0xa5, count: 3_900))
    for round in 1...2 {
      try write(bytes)
      try Data("log".utf8).write(to: URL(fileURLWithPath: path + "-wal"))
      let renamed = try SQLiteJobStore.quarantine(path)
      #expect(
        renamed.hasPrefix(path + ".corrupt-20") && renamed.contains("T") && renamed.contains("Z"))
      #expect(try Data(contentsOf: URL(fileURLWithPath: renamed)) == bytes)
      #expect(try Data(contentsOf: URL(fileURLWithPath: renamed + "-wal")) == Data("log".utf8))
      #expect(try !folder.names.contains("store.db") && !folder.names.contains("store.db-wal"))
      let store = SQLiteJobStore(path: path)
      #expect(try store.load().jobs.isEmpty, "round \(round)")
      store.close()
    }
    #expect(try folder.names.filter { $0.contains("corrupt") }.count == 4)
  }
}
