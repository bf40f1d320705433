import GRDBSQLite

/// The limit for the store: writes equal rows into equal tables through SQLite's C functions, without checks and
/// without state in memory. So it costs only the file itself.
///
/// Safe because this object owns the connection until `close()`, which ends all commands first.
@safe final class BareStore {
  private let connection: OpaquePointer?
  private let begin: BareCommand
  private let commit: BareCommand
  private let promise: BareCommand
  private let start: [BareCommand]
  private let end: [BareCommand]

  /// The file at `path` must have the tables of a store.
  init(_ path: String, isDurable: Bool) {
    var opened: OpaquePointer?
    unsafe check(sqlite3_open(path, &opened))
    unsafe connection = opened
    func command(_ sql: String) -> BareCommand { unsafe BareCommand(sql, opened) }
    let pragma = command("PRAGMA synchronous = \(isDurable ? "FULL" : "NORMAL")")
    pragma.step()
    pragma.finish()
    begin = command("BEGIN IMMEDIATE")
    commit = command("COMMIT")
    promise = command(
      "INSERT INTO promises VALUES(?1, 1, 0, 0, 1, ?2, ?2, 0, ?3, NULL, 0, NULL, NULL)")
    let run =
      "?1, 1, 1, ?1, 'succeeded', ?2, ?2, ?2, 1, 0, 0, ?3, NULL, NULL, NULL, NULL"
      + ", 0, NULL, NULL, NULL, NULL, NULL"
    start = [
      command("UPDATE promises SET status = 1, cuts = 0 WHERE run = ?1"),
      command("INSERT INTO running VALUES(\(run))"),
    ]
    end = [
      command("DELETE FROM running WHERE run = ?1 AND attempt = 1"),
      command("INSERT INTO runs VALUES(\(run))"), command("DELETE FROM promises WHERE run = ?1"),
    ]
  }

  func addPromises(_ runs: Range<UInt64>) { transaction(runs, [promise]) }
  func startRuns(_ runs: Range<UInt64>) { transaction(runs, start) }
  func endRuns(_ runs: Range<UInt64>) { transaction(runs, end) }

  func close() {
    for command in [begin, commit, promise] + start + end { command.finish() }
    unsafe check(sqlite3_close(connection))
  }

  private func transaction(_ runs: Range<UInt64>, _ commands: [BareCommand]) {
    begin.step()
    for run in runs {
      for command in commands {
        command.bind(run)
        command.step()
      }
    }
    commit.step()
  }
}

/// A prepared statement: its first value is a run, its second the run's instant, its third the payload.
///
/// Safe because SQLite copies the values that it gets.
@safe struct BareCommand {
  private let pointer: OpaquePointer?
  private let parameters: Int32

  init(_ sql: String, _ connection: OpaquePointer?) {
    var prepared: OpaquePointer?
    unsafe check(sqlite3_prepare_v2(connection, sql, -1, &prepared, nil))
    unsafe pointer = prepared
    parameters = unsafe sqlite3_bind_parameter_count(prepared)
  }

  func bind(_ run: UInt64) {
    unsafe check(sqlite3_bind_int64(pointer, 1, Int64(run)))
    guard parameters > 1 else { return }
    unsafe check(sqlite3_bind_int64(pointer, 2, instant(of: run).nanoseconds))
    unsafe payload.encoded.withUnsafeBytes { bytes in
      let copied = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
      unsafe check(sqlite3_bind_blob(pointer, 3, bytes.baseAddress, Int32(bytes.count), copied))
    }
  }

  func step() {
    let code = unsafe sqlite3_step(pointer)
    precondition(code == SQLITE_DONE || code == SQLITE_ROW, "SQLite says \(code)")
    unsafe check(sqlite3_reset(pointer))
  }

  func finish() { unsafe check(sqlite3_finalize(pointer)) }
}

func check(_ code: Int32) { precondition(code == SQLITE_OK, "SQLite says \(code)") }
