import GRDB
import GRDBSQLite
import JobStore
import MoonwheelModel
import SystemCalls

/// An open store. Used by one thread at a time.
///
/// GRDB opens the file and keeps other threads out; it runs each closure on the calling thread.
final class Connection {
  let file: StoreFile
  // Swift releases these in this order: the commands before their file is closed, then the lock.
  /// Nil if the store is open for reading only.
  private let writer: ChangeWriter?
  private let queue: DatabaseQueue
  private(set) var lock: StoreLock?
  /// Nil if the store is open for reading only.
  private(set) var openFiles: OpenFiles?
  /// SQLite's `data_version` at the start. It stays the same until another connection writes to the file.
  let firstDataVersion: Int64

  /// Opens a store for writing under a lock that the caller holds, or takes the lock. Makes the file and its folder.
  init(writing file: StoreFile, busyTimeout: Duration, lock held: StoreLock? = nil) throws {
    self.file = file
    try file.makeFolder()
    let lock = try held ?? StoreLock(file)
    self.lock = lock
    queue = try DatabaseQueue(path: file.path, configuration: Self.configuration(busyTimeout))
    writer = try queue.writeWithoutTransaction { database in
      try Self.prepare(database, file)
      return try ChangeWriter(database)
    }
    openFiles = OpenFiles(file, lock)
    firstDataVersion = try queue.writeWithoutTransaction(Self.dataVersion)
  }

  /// Opens a store for reading, beside a host or without one.
  init(reading file: StoreFile, busyTimeout: Duration) throws {
    self.file = file
    lock = nil
    openFiles = nil
    writer = nil
    firstDataVersion = 0
    queue = try Self.reader(of: file, Self.configuration(busyTimeout))
    guard try read({ try Self.version(of: $0, file) }) == Schema.version else {
      throw StoreError(
        .missing, "\(file.name): no host of this version has used it yet; start one with it first")
    }
  }

  deinit {
    // SQLite would remove the log by its path when it closes; there may be another host's log now.
    guard let openFiles, !openFiles.areInPlace else { return }
    queue.writeWithoutTransaction { database in
      var isKept: Int32 = 1
      _ = unsafe sqlite3_file_control(
        database.sqliteConnection, "main", SQLITE_FCNTL_PERSIST_WAL, &isKept)
    }
  }

  /// Takes over another lock of this store, because the path leads to the former lock no longer.
  func keep(_ lock: StoreLock) {
    self.lock = lock
    openFiles = OpenFiles(file, lock)
  }

  static func dataVersion(of database: Database) throws -> Int64 {
    try database.integer("PRAGMA data_version")
  }

  func commit(_ changes: [StoreChange], isDurable: Bool) throws {
    try write { writer in
      try writer.commit(changes, isDurable: isDurable) { () throws(FilesChangedError) in
        try openFiles?.check()
      }
    }
  }

  func perform(_ batch: KeyBatch) throws -> KeyOutcome {
    try write { writer in
      try writer.perform(batch) { () throws(FilesChangedError) in try openFiles?.check() }
    }
  }

  func load() throws -> StoredState {
    try read { database in
      try database.storedState(try writer?.marks ?? StoredState(marksIn: database))
    }
  }

  func write<Result>(_ body: (ChangeWriter) throws -> Result) throws -> Result {
    guard let writer else {
      throw StoreError(.readOnly, "\(file.name): it is open for reading only")
    }
    return try queue.writeWithoutTransaction { _ in try body(writer) }
  }

  func read<Result>(_ body: (Database) throws -> Result) throws -> Result {
    try queue.writeWithoutTransaction(body)
  }
}

// MARK: - Opening

extension Connection {
  /// The largest file, in bytes, that is checked as a whole when it is opened. That takes 0.1 s of processor time.
  private static let largestCheckedFile: Int64 = 64 << 20

  private static func configuration(_ busyTimeout: Duration) -> Configuration {
    var configuration = Configuration()
    configuration.busyMode = .timeout(busyTimeout / .seconds(1))
    configuration.foreignKeysEnabled = false
    // Otherwise GRDB ends the process if a transaction cannot be rolled back.
    configuration.allowsUnsafeTransactions = true
    return configuration
  }

  /// In a folder that it cannot write, SQLite reads a file only if it is told that nobody changes the file. That is
  /// true if there is no log beside it.
  private static func reader(of file: StoreFile, _ configuration: Configuration) throws
    -> DatabaseQueue
  {
    var configuration = configuration
    configuration.readonly = true
    guard StoreFile.size(of: file.path) != nil else {
      throw file.noSuchFile
    }
    do {
      return try DatabaseQueue(path: file.path, configuration: configuration)
    } catch let failure as DatabaseError {
      guard [.SQLITE_CANTOPEN, .SQLITE_READONLY].contains(failure.resultCode) else { throw failure }
      // ``StoreFile/storeError(_:)`` finds why the file cannot be read.
      do { try FileNames.checkReadable(file.path) } catch { throw failure }
      guard StoreFile.size(of: file.log) ?? 0 == 0 else { throw file.logNeedsFolder }
      return try DatabaseQueue(path: file.immutableURI, configuration: configuration)
    }
  }

  /// Makes the tables, or migrates those of an older version.
  private static func prepare(_ database: Database, _ file: StoreFile) throws {
    let version = try version(of: database, file)
    try Command("PRAGMA journal_mode = WAL", in: database).run()
    // A long reader lets the log grow; SQLite truncates it to this afterwards.
    try Command("PRAGMA journal_size_limit = 67108864", in: database).run()
    // 16 MiB of log: pages that change often, such as those of busy jobs, are copied to the file less often.
    try Command("PRAGMA wal_autocheckpoint = 4000", in: database).run()
    try check(database, file)
    let commands = PreparedCommands(database)
    // What the runs of an earlier host have left is gone with that host.
    guard version < Schema.version else {
      return try commands.run("UPDATE runs SET ending = NULL WHERE ending IS NOT NULL")
    }
    try commands.transaction {
      for migration in Schema.migrations[Int(version)...] { try database.execute(sql: migration) }
      try commands.numberGenerations()
      try commands.run("PRAGMA application_id = \(Schema.application)")
      try commands.run("PRAGMA user_version = \(Schema.version)")
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
        "\(file.name): a newer version of Moonwheel wrote it (its tables have version \(version), this one knows up to "
          + "\(Schema.version)); use the newer version, or name another file")
    }
    // One transaction makes the tables and sets the version, so there are no tables of version 0.
    guard version > 0 || application == 0 else {
      throw SQLiteFailure(corrupt: "its version is \(version)")
    }
    return version
  }

  private static func check(_ database: Database, _ file: StoreFile) throws {
    guard StoreFile.size(of: file.path) ?? 0 <= largestCheckedFile else { return }
    let finding = try Command("PRAGMA quick_check(1)", in: database).rows { $0.text(0) }.first ?? ""
    guard finding == "ok" else { throw SQLiteFailure(corrupt: finding) }
  }
}

extension Database {
  /// The first column of the only row.
  func integer(_ sql: String) throws -> Int64 {
    try Command(sql, in: self).rows { $0.integer(0) }.first ?? 0
  }
}
