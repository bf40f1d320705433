import MoonwheelModel
import SQLiteJobStore
import TestSupport
import Testing

struct SourceTests {
  let folder: TemporaryFolder
  let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = folder.path("store.db")
  }

  private func version(_ script: String, _ text: String, module: String) -> StoreChange {
    .sources(
      StoredSources(
        script: script, loadedAt: at(1), text: Array(text.utf8),
        modules: [StoredSources.Module(name: "m", chunk: "@m.lua", text: Array(module.utf8))]))
  }

  @Test func `a text is stored once, for as long as a version uses it`() throws {
    let store = SQLiteJobStore(path: path)
    _ = try store.load()
    func texts() throws -> [String] {
      try rows(path, "SELECT CAST(text AS TEXT) FROM sources ORDER BY text")
    }
    try store.commit(
      [version("a.lua", "a", module: "m"), version("b.lua", "b", module: "m")], isDurable: true)
    #expect(try texts() == ["a", "b", "m"])
    try store.commit([version("a.lua", "a2", module: "m")], isDurable: true)
    try store.commit([version("a.lua", "a2", module: "a2")], isDurable: true)
    #expect(try texts() == ["a", "a2", "b", "m"])
    try store.commit([.forgetSources(except: ["a.lua"])], isDurable: true)
    #expect(try texts() == ["a", "a2", "b", "m"])
    for number in 0..<19 {
      try store.commit([version("a.lua", "a\(number)", module: "n")], isDurable: true)
    }
    // One of them is "a2" with another module.
    #expect(Set(try texts()) == Set((0..<19).map { "a\($0)" } + ["n", "b", "m"]))
    store.close()
  }

  @Test func `a store of the first version keeps its content, and can store sources`() throws {
    try filledStore(path, runs: 3).close()
    let columns = ["since", "timing", "has_paused_option", "from_at", "till_at", "unloaded_since"]
      .map {
        "ALTER TABLE jobs DROP COLUMN \($0)"
      }
    let later = ["cause", "cause_by", "cause_of", "input", "version", "ending"].flatMap { column in
      ["runs", "running"].map { "ALTER TABLE \($0) DROP COLUMN \(column)" }
    }
    for sql in columns + [
      "ALTER TABLE promises DROP COLUMN is_relative", "ALTER TABLE promises DROP COLUMN asked_by",
      "ALTER TABLE promises DROP COLUMN asked_of", "DROP INDEX runs_ending",
      "DROP TABLE generations", "DROP TABLE generation_sources", "DROP TABLE sources",
      "DROP TABLE leftovers", "DROP TABLE kv", "DROP TABLE kv_spaces", "PRAGMA user_version = 1",
    ] + later { _ = try rows(path, sql) }
    let store = SQLiteJobStore(path: path)
    #expect(try store.load().pendingRuns.count == 3)
    #expect(try store.sources(of: "a.lua") == nil)
    try store.commit([version("a.lua", "a", module: "m")], isDurable: true)
    #expect(try store.sources(of: "a.lua")?.modules.count == 1)
    store.close()
  }
}
