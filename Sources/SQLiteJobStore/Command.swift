import GRDB
import GRDBSQLite
import SystemCalls

/// A prepared statement. It runs with values in the order of the parameters, as often as the caller likes.
///
/// It does without GRDB's own arguments and rows: they cost as much time as the rows themselves, end texts at a NUL
/// byte, and trap if a value is too big.
///
/// Safe because GRDB's statement, which is kept here, owns the pointer and finalizes it; SQLite copies a bound value
/// before the call returns; and a column is copied before the next step.
@safe final class Command {
  private let statement: Statement
  private let pointer: OpaquePointer
  /// The number of values that are bound.
  private var position: Int32 = 0
  /// The code of the first value that SQLite did not take.
  private var bindFailure = SQLITE_OK

  init(_ sql: String, in database: Database) throws {
    statement = try database.makeStatement(sql: sql)
    unsafe pointer = statement.sqliteStatement
  }

  // MARK: Values

  func bind(_ integer: Int64) {
    position += 1
    check(unsafe sqlite3_bind_int64(pointer, position, integer))
  }

  func bind(_ text: String) {
    position += 1
    let count = UInt64(text.utf8.count)
    let code = unsafe sqlite3_bind_text64(
      pointer, position, text, count, Self.copied, UInt8(SQLITE_UTF8))
    check(code)
  }

  func bind(_ bytes: [UInt8]) {
    position += 1
    guard !bytes.isEmpty else { return check(unsafe sqlite3_bind_zeroblob(pointer, position, 0)) }
    unsafe bytes.withUnsafeBytes { bytes in
      check(
        unsafe sqlite3_bind_blob64(
          pointer, position, bytes.baseAddress, UInt64(bytes.count), Self.copied))
    }
  }

  func bindNull() {
    position += 1
    check(unsafe sqlite3_bind_null(pointer, position))
  }

  /// Makes SQLite copy the bytes.
  private static var copied: sqlite3_destructor_type? {
    unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
  }

  private func check(_ code: Int32) {
    if bindFailure == SQLITE_OK { bindFailure = code }
  }

  // MARK: Running

  /// Binds the values, after those that are bound already, runs it, and calls `body` with each row. Afterwards, no
  /// value is bound.
  func run<each Value: ColumnValue>(
    _ values: repeat each Value, body: (Row) throws -> Void = { _ in }
  ) throws {
    try visit(repeat each values) { row in
      try body(row)
      return true
    }
  }

  /// As `run`, with the first rows only, as far as `body` returns true.
  func visit<each Value: ColumnValue>(
    _ values: repeat each Value, body: (Row) throws -> Bool
  ) throws {
    repeat (each values).bind(to: self)
    defer { reset() }
    guard bindFailure == SQLITE_OK else { throw SQLiteFailure(bindFailure) }
    while true {
      ErrorNumber.clear()
      let code = unsafe sqlite3_step(pointer)
      if code == SQLITE_DONE { return }
      guard code == SQLITE_ROW else {
        throw unsafe SQLiteFailure(code, of: sqlite3_db_handle(pointer))
      }
      guard try body(Row(command: self)) else { return }
    }
  }

  func rows<Result, each Value: ColumnValue>(
    _ values: repeat each Value, read: (Row) throws -> Result
  ) throws -> [Result] {
    var results: [Result] = []
    try run(repeat each values) { results.append(try read($0)) }
    return results
  }

  private func reset() {
    // It returns the error of the last step again.
    _ = unsafe sqlite3_reset(pointer)
    position = 0
    bindFailure = SQLITE_OK
  }

  // MARK: Columns

  /// The row of the last step. Valid until the next one.
  struct Row {
    fileprivate let command: Command

    func isNull(_ column: Int32) -> Bool {
      unsafe sqlite3_column_type(command.pointer, column) == SQLITE_NULL
    }

    func integer(_ column: Int32) -> Int64 {
      unsafe sqlite3_column_int64(command.pointer, column)
    }

    func text(_ column: Int32) -> String {
      // The text first: SQLite may have to convert the value, which changes its length.
      let start = unsafe sqlite3_column_text(command.pointer, column)
      let count = unsafe sqlite3_column_bytes(command.pointer, column)
      return unsafe String(
        decoding: UnsafeBufferPointer(start: start, count: Int(count)), as: UTF8.self)
    }

    func bytes(_ column: Int32) -> [UInt8] {
      let start = unsafe sqlite3_column_blob(command.pointer, column)
      let count = unsafe sqlite3_column_bytes(command.pointer, column)
      return unsafe Array(UnsafeRawBufferPointer(start: start, count: Int(count)))
    }
  }
}

/// An error that SQLite returned, or damage that it does not notice.
struct SQLiteFailure: Error {
  /// The extended code.
  let code: Int32
  let message: String
  /// The failed system call, if there was one.
  let systemError: SystemCallError?

  init(_ code: Int32) {
    self.code = code
    message = unsafe String(cString: sqlite3_errstr(code))
    systemError = nil
  }

  /// A value cannot be one that a host wrote.
  init(corrupt finding: String) {
    code = SQLITE_CORRUPT
    message = "damaged: \(finding)"
    systemError = nil
  }

  fileprivate init(_ code: Int32, of connection: OpaquePointer?) {
    let lastError = ErrorNumber.last
    unsafe self.code = sqlite3_extended_errcode(connection)
    message = unsafe String(cString: sqlite3_errmsg(connection))
    // SQLite does not remember the system's error of a COMMIT.
    let remembered = unsafe sqlite3_system_errno(connection)
    let number = remembered == 0 ? lastError : remembered
    let isOfSystem = number != 0 && [SQLITE_IOERR, SQLITE_CANTOPEN].contains(code & 0xff)
    systemError = isOfSystem ? SystemCallError(call: "sqlite3_step", code: number) : nil
  }
}
