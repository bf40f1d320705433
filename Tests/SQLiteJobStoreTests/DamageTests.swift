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

  /// A sound store as bytes.
  private func soundFile() throws -> Data {
    try filledStore(path).close()
    return try Data(contentsOf: URL(fileURLWithPath: path))
  }

  /// Puts a file in the store's place, with nothing beside it.
  private func put(_ bytes: Data) throws {
    for name in try folder.names where name != "store.db" && !name.contains("corrupt") {
      try FileManager.default.removeItem(atPath: folder.path(name))
    }
    try bytes.write(to: URL(fileURLWithPath: path))
  }

  /// Loads and asks all there is to ask; nil where the store finds nothing wrong.
  private func use() -> StoreError? {
    refusal {
      let store = SQLiteJobStore(path: path)
      defer { store.close() }
      _ = try store.load()
      _ = try store.runs(RunQuery(limit: .max))
      _ = try store.summaries(RunQuery())
      _ = try store.decisions(RunQuery())
      _ = try store.pendingRuns(of: StoreKey(rawValue: 1))
      try store.commit([.ended(run(1_000)), .pendingRun(promise(1_000))], isDurable: true)
      while try store.prune(at: .distantFuture) {}
    }
  }

  @Test func `a file that is overwritten anywhere is refused, or used`() throws {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SplitMix64(seed: seed)
    let sound = try soundFile()
    var found = 0
    for step in 0..<60 {
      var bytes = sound
      let place = Int.random(in: 0..<bytes.count, using: &random)
      let count = [1, 16, 600, 5_000].randomElement(using: &random) ?? 1
      for offset in place..<min(bytes.count, place + count) {
        bytes[offset] = UInt8.random(in: 0...255, using: &random)
      }
      try put(bytes)
      guard let refused = use() else { continue }
      found += 1
      let codes: [StoreError.Code] = [.corrupt, .foreign, .newer, .io]
      let what = "seed \(seed), step \(step), \(count) bytes at \(place): \(refused)"
      #expect(codes.contains(refused.code), "\(what)")
      #expect(refused.description.hasPrefix(path), "\(what)")
    }
    #expect(found > 5, "seed \(seed): only \(found) of 60 damages were found")
  }

  @Test func `damage that a start would not meet is found in a small file`() throws {
    var bytes = try soundFile()
    let roots = try ask(path, "SELECT rootpage FROM sqlite_schema WHERE name = 'runs_by_time'")
    let page = try #require(roots.first.flatMap { Int($0) })
    bytes.replaceSubrange((page - 1) * 4_096..<(page - 1) * 4_096 + 64, with: Data(count: 64))
    try put(bytes)
    #expect(refusal { _ = try SQLiteJobStore(path: path).load() }?.code == .corrupt)
  }

  @Test(arguments: [0.1, 0.5, 0.9, 0.999])
  func `a file that is cut off is damaged`(part: Double) throws {
    let sound = try soundFile()
    try put(sound.prefix(Int(Double(sound.count) * part)))
    let refused = try #require(use())
    #expect(refused.code == .corrupt)
    #expect(refused.description.contains("move it away"))
  }

  @Test(arguments: ["zeros", "noise", "header"])
  func `a file of anything else is damaged`(kind: String) throws {
    var bytes = try soundFile()
    switch kind {
    case "zeros": bytes = Data(count: 8_192)
    case "noise": bytes = Data((0..<8_192).map { _ in UInt8.random(in: 0...255) })
    default: bytes.replaceSubrange(0..<100, with: Data(count: 100))
    }
    try put(bytes)
    #expect(use()?.code == .corrupt)
  }

  @Test(arguments: [0, -1, -2_147_483_648])
  func `a version that was never written is damage`(version: Int) throws {
    try filledStore(path).close()
    _ = try ask(path, "PRAGMA user_version = \(version)")
    #expect(use()?.code == .corrupt)
  }

  @Test func `a value that cannot be read is damage, wherever it is`() throws {
    let updates = [
      "promises SET arguments = x'ff'", "promises SET kind = 77", "states SET value = x'0901'",
      "jobs SET state = 'none'", "jobs SET instants = x'33'",
    ]
    for update in updates {
      try soundFile().write(to: URL(fileURLWithPath: path))
      _ = try ask(path, "UPDATE \(update)")
      #expect(use()?.code == .corrupt, "\(update)")
      for name in try folder.names { try FileManager.default.removeItem(atPath: folder.path(name)) }
    }
  }

  @Test func `a damaged store is set aside whole, and the host begins anew`() throws {
    var bytes = try soundFile()
    bytes.replaceSubrange(100..<4_000, with: Data(repeating: 0xa5, count: 3_900))
    for round in 1...2 {
      try put(bytes)
      try Data("log".utf8).write(to: URL(fileURLWithPath: path + "-wal"))
      let aside = try SQLiteJobStore.quarantine(path)
      #expect(aside.hasPrefix(path + ".corrupt-20") && aside.contains("T") && aside.contains("Z"))
      #expect(try Data(contentsOf: URL(fileURLWithPath: aside)) == bytes)
      #expect(try Data(contentsOf: URL(fileURLWithPath: aside + "-wal")) == Data("log".utf8))
      #expect(try !folder.names.contains("store.db") && !folder.names.contains("store.db-wal"))
      let store = SQLiteJobStore(path: path)
      #expect(try store.load().jobs.isEmpty, "round \(round)")
      store.close()
    }
    #expect(try folder.names.filter { $0.contains("corrupt") }.count == 4)
  }
}
