import GRDB
import GRDBSQLite
import Glibc

/// A prepared statement: values are put in order, then it is run, and can be used again.
///
/// GRDB's own arguments and rows are not used: they cost as much as the rows themselves, end texts at a NUL byte, and trap
/// where a value is too big.
///
/// Why it is safe: the pointer is GRDB's, which is kept and finalizes it; SQLite copies what is bound before the call
/// returns, and what a column points to is copied before the next step.
@safe final class Command {
  private let statement: Statement
  private let pointer: OpaquePointer
  private var position: Int32 = 0
  /// The first refusal to take a value.
  private var refusal = SQLITE_OK

  init(_ sql: String, in database: Database) throws {
    statement = try database.makeStatement(sql: sql)
    unsafe pointer = statement.sqliteStatement
  }

  // MARK: Values

  func put(_ integer: Int64) {
    position += 1
    note(unsafe sqlite3_bind_int64(pointer, position, integer))
  }

  func put(_ integer: Int64?) {
    if let integer { put(integer) } else { putNull() }
  }

  func put(_ integer: some FixedWidthInteger) { put(Int64(truncatingIfNeeded: integer)) }

  func put(_ text: String) {
    position += 1
    let count = UInt64(text.utf8.count)
    let code = unsafe sqlite3_bind_text64(
      pointer, position, text, count, Self.copied, UInt8(SQLITE_UTF8))
    note(code)
  }

  func put(_ text: String?) {
    if let text { put(text) } else { putNull() }
  }

  func put(_ bytes: [UInt8]) {
    position += 1
    guard !bytes.isEmpty else { return note(unsafe sqlite3_bind_zeroblob(pointer, position, 0)) }
    unsafe bytes.withUnsafeBytes { bytes in
      note(
        unsafe sqlite3_bind_blob64(
          pointer, position, bytes.baseAddress, UInt64(bytes.count), Self.copied))
    }
  }

  func put(_ bytes: [UInt8]?) {
    if let bytes { put(bytes) } else { putNull() }
  }

  private func putNull() {
    position += 1
    note(unsafe sqlite3_bind_null(pointer, position))
  }

  /// Tells SQLite to copy.
  private static var copied: sqlite3_destructor_type? {
    unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
  }

  private func note(_ code: Int32) {
    if refusal == SQLITE_OK { refusal = code }
  }

  // MARK: Running

  /// Runs it with what was put, and tells of each row.
  func run(_ body: (Row) throws -> Void = { _ in }) throws {
    defer { reset() }
    guard refusal == SQLITE_OK else { throw SQLiteFailure(refusal) }
    while true {
      errno = 0
      let code = unsafe sqlite3_step(pointer)
      if code == SQLITE_DONE { return }
      guard code == SQLITE_ROW else {
        throw unsafe SQLiteFailure(code, of: sqlite3_db_handle(pointer))
      }
      try body(Row(command: self))
    }
  }

  /// What is made of all rows.
  func rows<Result>(_ read: (Row) throws -> Result) throws -> [Result] {
    var results: [Result] = []
    try run { results.append(try read($0)) }
    return results
  }

  private func reset() {
    // It says again what the step has said.
    _ = unsafe sqlite3_reset(pointer)
    position = 0
    refusal = SQLITE_OK
  }

  // MARK: Columns

  /// What a step has found, until the next one.
  struct Row {
    fileprivate let command: Command

    func isNull(_ column: Int32) -> Bool {
      unsafe sqlite3_column_type(command.pointer, column) == SQLITE_NULL
    }

    func integer(_ column: Int32) -> Int64 {
      unsafe sqlite3_column_int64(command.pointer, column)
    }

    func integerIfAny(_ column: Int32) -> Int64? { isNull(column) ? nil : integer(column) }

    func text(_ column: Int32) -> String {
      // The text first: it may have to be made, which changes the count.
      let start = unsafe sqlite3_column_text(command.pointer, column)
      let count = unsafe sqlite3_column_bytes(command.pointer, column)
      return unsafe String(
        decoding: UnsafeBufferPointer(start: start, count: Int(count)), as: UTF8.self)
    }

    func textIfAny(_ column: Int32) -> String? { isNull(column) ? nil : text(column) }

    func bytes(_ column: Int32) -> [UInt8] {
      let start = unsafe sqlite3_column_blob(command.pointer, column)
      let count = unsafe sqlite3_column_bytes(command.pointer, column)
      return unsafe Array(UnsafeRawBufferPointer(start: start, count: Int(count)))
    }

    func bytesIfAny(_ column: Int32) -> [UInt8]? { isNull(column) ? nil : bytes(column) }
  }
}

/// What SQLite has said no with.
struct SQLiteFailure: Error {
  /// The extended code.
  let code: Int32
  let message: String
  /// Of the system call that failed, or 0.
  let systemError: Int32

  init(_ code: Int32) {
    self.code = code
    message = unsafe String(cString: sqlite3_errstr(code))
    systemError = 0
  }

  /// What is there cannot be what was written.
  init(corrupt finding: String) {
    code = SQLITE_CORRUPT
    message = "damaged: \(finding)"
    systemError = 0
  }

  fileprivate init(_ code: Int32, of connection: OpaquePointer?) {
    let error = errno
    unsafe self.code = sqlite3_extended_errcode(connection)
    message = unsafe String(cString: sqlite3_errmsg(connection))
    // SQLite does not note the one of a COMMIT.
    let noted = unsafe sqlite3_system_errno(connection)
    let isOfSystem = [SQLITE_IOERR, SQLITE_CANTOPEN].contains(code & 0xff)
    systemError = !isOfSystem ? 0 : noted == 0 ? error : noted
  }
}
