import GRDB
import GRDBSQLite
import MoonwheelModel

/// An open store. Used by one thread at a time.
///
/// GRDB opens the file and keeps others out; it runs what it is given on the calling thread.
final class Connection {
  let file: StoreFile
  // Let go of in this order: commands before their file is closed, the lock afterwards.
  /// Nil where the store is only read.
  private let writer: Writer?
  private let queue: DatabaseQueue
  private(set) var lock: StoreLock?
  /// Nil where the store is only read.
  private(set) var place: StorePlace?
  /// What SQLite says as long as nobody else writes to the file.
  let knownVersion: Int64

  /// With the lock that is held already, or one that it takes.
  init(
    _ file: StoreFile, _ mode: SQLiteJobStore.Mode, _ patience: Duration,
    lock held: StoreLock? = nil
  ) throws {
    self.file = file
    let configuration = Self.configuration(patience)
    switch mode {
    case .readWrite:
      try file.makeFolder()
      let lock = try held ?? StoreLock(file)
      self.lock = lock
      queue = try DatabaseQueue(path: file.path, configuration: configuration)
      writer = try queue.writeWithoutTransaction { database in
        try Self.prepare(database, file)
        return try Writer(database)
      }
      place = StorePlace(file, lock)
      knownVersion = try queue.writeWithoutTransaction { try Self.dataVersion(of: $0) }
    case .readOnly:
      lock = nil
      place = nil
      writer = nil
      knownVersion = 0
      queue = try Self.reader(of: file, configuration)
      guard try read({ try Self.version(of: $0, file) }) == Schema.version else {
        throw StoreError(
          .missing, "\(file.name): no host of this version has used it yet; start one with it first"
        )
      }
    }
  }

  deinit {
    // What SQLite would remove when it closes, by its name, may be another host's.
    guard let place, !place.isWhole else { return }
    queue.writeWithoutTransaction { database in
      var isKept: Int32 = 1
      _ = unsafe sqlite3_file_control(
        database.sqliteConnection, "main", SQLITE_FCNTL_PERSIST_WAL, &isKept)
    }
  }

  /// Another lock of the same store, since the former has lost its name.
  func keep(_ lock: StoreLock) {
    self.lock = lock
    place = StorePlace(file, lock)
  }

  static func dataVersion(of database: Database) throws -> Int64 {
    try database.integer("PRAGMA data_version")
  }

  func commit(_ changes: [StoreChange], isDurable: Bool) throws {
    try write { writer in
      try writer.commit(changes, isDurable: isDurable) { () throws(Misplacement) in
        try place?.check()
      }
    }
  }

  func load() throws -> StoredState {
    try read { database in
      try database.storedState(try writer?.marks ?? Marks(database))
    }
  }

  func write<Result>(_ body: (Writer) throws -> Result) throws -> Result {
    guard let writer else {
      throw StoreError(.readOnly, "\(file.name): it was opened for reading alone")
    }
    return try queue.writeWithoutTransaction { _ in try body(writer) }
  }

  func read<Result>(_ body: (Database) throws -> Result) throws -> Result {
    try queue.writeWithoutTransaction(body)
  }
}

// MARK: - Opening

extension Connection {
  /// A file of at most so many bytes is checked as a whole when it is opened: takes about a tenth of a second of a processor.
  private static let checkedSize: Int64 = 64 << 20

  private static func configuration(_ patience: Duration) -> Configuration {
    var configuration = Configuration()
    configuration.busyMode = .timeout(patience / .seconds(1))
    configuration.foreignKeysEnabled = false
    // A transaction that cannot be rolled back is an error of the store, and no end of the host.
    configuration.allowsUnsafeTransactions = true
    return configuration
  }

  /// In a folder where nothing can be written, SQLite reads a file only when it is told that it does not change; that is
  /// true where there is no log beside it.
  private static func reader(of file: StoreFile, _ configuration: Configuration) throws
    -> DatabaseQueue
  {
    var configuration = configuration
    configuration.readonly = true
    guard StoreFile.size(of: file.path) != nil else {
      throw StoreError(.missing, "\(file.name): there is no such file")
    }
    do {
      return try DatabaseQueue(path: file.path, configuration: configuration)
    } catch let error as DatabaseError {
      guard [.SQLITE_CANTOPEN, .SQLITE_READONLY].contains(error.resultCode), file.canBeRead else {
        throw error
      }
      guard StoreFile.size(of: file.log) ?? 0 == 0 else { throw file.logNeedsFolder }
      return try DatabaseQueue(path: file.unchangingURI, configuration: configuration)
    }
  }

  /// Makes the tables, or those of an older version into those of today.
  private static func prepare(_ database: Database, _ file: StoreFile) throws {
    let version = try version(of: database, file)
    try Command("PRAGMA journal_mode = WAL", in: database).run()
    // The log is cut back to this after a long reader has let it grow.
    try Command("PRAGMA journal_size_limit = 67108864", in: database).run()
    // Pages that are written again and again, as those of busy jobs, reach the file less often: 16 MiB of log.
    try Command("PRAGMA wal_autocheckpoint = 4000", in: database).run()
    try check(database, file)
    guard version < Schema.version else { return }
    try Command("BEGIN IMMEDIATE", in: database).run()
    do {
      for migration in Schema.migrations[Int(version)...] { try database.execute(sql: migration) }
      try Command("PRAGMA application_id = \(Schema.application)", in: database).run()
      try Command("PRAGMA user_version = \(Schema.version)", in: database).run()
      try Command("COMMIT", in: database).run()
    } catch {
      if database.isInsideTransaction { try Command("ROLLBACK", in: database).run() }
      throw error
    }
  }

  /// 0 for an empty file.
  private static func version(of database: Database, _ file: StoreFile) throws -> Int64 {
    let application = try database.integer("PRAGMA application_id")
    let version = try database.integer("PRAGMA user_version")
    let tables = try database.integer("SELECT count(*) FROM sqlite_schema")
    guard application == Schema.application || (application == 0 && version == 0 && tables == 0)
    else { throw file.foreign("a database of another program") }
    guard version <= Schema.version else {
      throw StoreError(
        .newer,
        "\(file.name): a newer version of Moonwheel has written it (version \(version) of its tables; "
          + "this one knows \(Schema.version)): use that one, or name another file")
    }
    // The version comes with the tables.
    guard version > 0 || application == 0 else {
      throw SQLiteFailure(corrupt: "its version is \(version)")
    }
    return version
  }

  private static func check(_ database: Database, _ file: StoreFile) throws {
    guard StoreFile.size(of: file.path) ?? 0 <= checkedSize else { return }
    var finding = ""
    try Command("PRAGMA quick_check(1)", in: database).run { finding = $0.text(0) }
    guard finding == "ok" else { throw SQLiteFailure(corrupt: finding) }
  }
}

extension Database {
  /// The first column of the only row.
  fileprivate func integer(_ sql: String) throws -> Int64 {
    var result: Int64 = 0
    try Command(sql, in: self).run { result = $0.integer(0) }
    return result
  }
}
