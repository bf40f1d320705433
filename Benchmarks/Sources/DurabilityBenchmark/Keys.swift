import BenchmarkSupport
import GRDBSQLite
import JobStore
import Moonwheel
import SQLiteJobStore

/// Two hundred runs that add to keys at once: each waits until its sum is on the disk. Beside them bare SQLite, which
/// commits each addition, or two hundred together.
enum Keys {
  private static let callers = 200
  private static let each = isSmoke ? 5 : 500

  /// `key` is a Lua expression in which `i` is the number of the caller.
  private static func script(_ key: String) -> String {
    """
    local left, begun, cpu = \(callers), nil, nil
    on("go", { name = "go" }, function()
      begun, cpu = now(), processor_time()
      for i = 1, \(callers) do
        after("1ms", { name = "caller " .. i }, function()
          local key = \(key)
          for _ = 1, \(each) do assert(kv.add(key)) end
          left = left - 1
          if left == 0 then report("added", now() - begun, (processor_time() - cpu) / 1e9) end
        end)
      end
    end)
    """
  }

  static func measure() async throws {
    let count = Double(callers * each)
    print("\(callers) runs add \(each) times each, and each waits for the disk")
    try await measure("to one key, in a file", "'self.n'") { $0.store }
    try await measure("to a key each, in a file", "'self.n' .. i") { $0.store }
    try await measure("to one key, in memory", "'self.n'") { _ in MemoryJobStore() }
    let single = Bare(Folder()).seconds(isSmoke ? 10 : 500, together: 1)
    row("  bare SQLite, a commit each: a second", rounded(Double(isSmoke ? 10 : 500) / single, 0))
    let grouped = Bare(Folder()).seconds(callers * each, together: callers)
    row("  bare SQLite, \(callers) in a commit: a second", rounded(count / grouped, 0))
  }

  private static func measure(
    _ name: String, _ key: String, _ store: (Folder) -> any JobStore
  ) async throws {
    var figures: [(rate: Double, cost: Double)] = []
    for _ in 1...(isSmoke ? 1 : 5) {
      let folder = Folder()
      let host = try await Host(script(key), store: store(folder))
      try host.scheduler.emit("go")
      let measured = await host.next("added")
      let count = Double(callers * each)
      figures.append((count / measured[0], measured[1] / count * 1e6))
      await host.stop()
    }
    row("  \(name): a second", rounded(median(figures.map(\.rate)), 0))
    row("  processor time each, in us", rounded(median(figures.map(\.cost)), 1))
  }
}

/// Safe because each call gets the connection that `sqlite3_open` has made, and texts that outlive it.
@safe private final class Bare {
  private let connection: OpaquePointer?
  private let folder: Folder

  init(_ folder: Folder) {
    self.folder = folder
    var opened: OpaquePointer?
    _ = unsafe sqlite3_open(folder.path + "/bare.db", &opened)
    unsafe connection = opened
    run("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
    run("CREATE TABLE kv(key TEXT PRIMARY KEY, value INTEGER); INSERT INTO kv VALUES('n', 0)")
  }

  deinit { _ = unsafe sqlite3_close(connection) }

  private func run(_ sql: String) {
    let code = unsafe sqlite3_exec(connection, sql, nil, nil, nil)
    precondition(code == SQLITE_OK, "SQLite returns \(code) for \(sql)")
  }

  /// How long so many additions take.
  func seconds(_ count: Int, together: Int) -> Double {
    let begun = ContinuousClock.now
    for _ in 0..<count / together {
      run("BEGIN IMMEDIATE")
      for _ in 0..<together { run("UPDATE kv SET value = value + 1 WHERE key = 'n'") }
      run("COMMIT")
    }
    return (ContinuousClock.now - begun) / .seconds(1)
  }
}
