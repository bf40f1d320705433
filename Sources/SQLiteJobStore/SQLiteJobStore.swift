import JobStore
import MoonwheelModel
import Synchronization
import Triggers

/// A store in a file of SQLite: the default of the command line.
///
/// ``load()`` opens the file; a store that is only read is also opened by its first query. A host that writes holds a
/// lock beside the file (`FILE.lock`), so a second host is refused. Any number of readers may read at the same time,
/// and after a crash.
///
/// If somebody removes or replaces one of the files while the host has them open, the next commit throws. The commit
/// after that first writes the store again at its path, with all the content of the open files. It never overwrites a
/// file that somebody put there.
///
/// Every call runs in the calling thread and may wait for the disk; calls from several threads run one after the other.
/// A call that throws leaves the store as it was, and a later call may succeed.
///
/// SQLite reuses the space of removed rows and does not give it back to the file system. The content is bounded, so the
/// file stops growing. To make it smaller, stop the host and run `VACUUM`.
package final class SQLiteJobStore: JobStore {
  package enum Mode: Sendable {
    /// For the one host that writes. Makes the file and its folder.
    case readWrite
    /// For reading, beside a host or without one; ``JobStore/commit(_:isDurable:)`` throws.
    case readOnly
  }

  private enum State {
    case unopened
    case open(Connection)
    /// Somebody removed or replaced a file. The next commit restores the files first.
    case filesChanged(Connection)
    /// A new file at the path has all the content. The next commit opens it under this lock.
    case restored(StoreLock?)
    case closed
  }

  package let mode: Mode
  private let busyTimeout: Duration
  private let file: StoreFile
  private let state = Mutex(State.unopened)

  /// Does not touch the file yet. A relative path begins in the working folder of this moment.
  ///
  /// If another program has locked the file, a call waits for at most `busyTimeout`, and then throws `busy`.
  package init(path: String, mode: Mode = .readWrite, busyTimeout: Duration = .seconds(5)) {
    file = StoreFile(path)
    self.mode = mode
    self.busyTimeout = busyTimeout
  }

  init(_ file: StoreFile, busyTimeout: Duration) {
    self.file = file
    mode = .readWrite
    self.busyTimeout = busyTimeout
  }

  package var isDurable: Bool { true }
  package var path: String? { file.path }

  /// Also throws `held`, `newer`, `foreign`, and `corrupt`: see ``quarantine(_:)``.
  package func load() throws(StoreError) -> StoredState {
    try access { state in
      if case .open(let connection) = state { return try connection.load() }
      let connection = try connect()
      let stored = try connection.load()
      state = .open(connection)
      return stored
    }
  }

  package func commit(_ changes: [StoreChange], isDurable: Bool) throws(StoreError) {
    try write { try $0.commit(changes, isDurable: isDurable) }
  }

  package func perform(_ batch: KeyBatch) throws(StoreError) -> KeyOutcome {
    try write { try $0.perform(batch) }
  }

  /// Calls `body` with a connection whose files are in place, as far as that is known.
  private func write<Result: Sendable>(
    _ body: @Sendable (Connection) throws -> Result
  ) throws(StoreError) -> Result {
    try access { state in
      try Self.restore(&state)
      if case .restored(let lock) = state { state = .open(try connect(lock)) }
      let connection = try connection(&state)
      do {
        return try body(connection)
      } catch let error as FilesChangedError {
        state = .filesChanged(connection)
        throw error
      }
    }
  }

  package func runs(_ query: RunQuery) throws(StoreError) -> [RunRecord] {
    try use { try $0.read { try $0.runs(query) } }
  }

  package func summaries(_ query: RunQuery) throws(StoreError) -> [RunSummary] {
    try use { try $0.read { try $0.summaries(query) } }
  }

  package func decisions(_ query: RunQuery) throws(StoreError) -> [Decision] {
    try use { try $0.read { try $0.decisions(query) } }
  }

  package func jobs(script: String?, name: String?) throws(StoreError) -> [StoredJob] {
    try use { try $0.read { try $0.jobs(script: script, name: name) } }
  }

  package func pendingRuns(of job: StoreKey) throws(StoreError) -> [PendingRun] {
    try use { try $0.read { try $0.pendingRuns(of: job) } }
  }

  package func sources(of script: String) throws(StoreError) -> StoredSources? {
    try use { try $0.read { try $0.sources(of: script) } }
  }

  package func generations(of script: String) throws(StoreError) -> [StoredGeneration] {
    try use { try $0.read { try $0.generations(of: script) } }
  }

  package func sources(
    of script: String, _ version: SourceVersion
  ) throws(StoreError) -> StoredSources? {
    try use { try $0.read { try $0.sources(of: script, version) } }
  }

  /// The instant up to which every fire was handled; nil in a new store.
  package func handledThrough() throws(StoreError) -> Timestamp? {
    try use { try $0.read { try StoredState(marksIn: $0).handledThrough } }
  }

  /// The host that writes to the store, e.g. `process 7, on web-1, since ...`; nil if there seems to be none.
  ///
  /// A host that was killed still counts as alive while another process has its number.
  package var host: String? { StoreLock.holder(of: file) }

  package func prune(at now: Timestamp) throws(StoreError) -> Bool {
    try use { try $0.write { try $0.prune(at: now) } }
  }

  /// Copies the rest of the log into the file, and releases the lock.
  package func close() {
    state.withLock { $0 = .closed }
  }

  private func use<Result: Sendable>(
    _ body: @Sendable (Connection) throws -> Result
  ) throws(StoreError) -> Result {
    try access { state in try body(connection(&state)) }
  }

  private func connect(_ lock: StoreLock? = nil) throws -> Connection {
    switch mode {
    case .readWrite: try Connection(writing: file, busyTimeout: busyTimeout, lock: lock)
    case .readOnly: try Connection(reading: file, busyTimeout: busyTimeout)
    }
  }

  private func connection(_ state: inout State) throws -> Connection {
    switch state {
    case .open(let connection), .filesChanged(let connection): return connection
    case .unopened where mode == .readOnly:
      let connection = try connect()
      state = .open(connection)
      return connection
    case .unopened: throw StoreError(.closed, "\(file.name): it is not loaded")
    case .restored: throw StoreError(.missing, "\(file.name): it is being written again")
    case .closed: throw StoreError(.closed, "\(file.name): it was closed")
    }
  }

  /// If files have changed, makes sure that a file at the store's path has all the content. Releases a connection to
  /// files that have lost their paths.
  private static func restore(_ state: inout State) throws {
    guard case .filesChanged(let connection) = state else { return }
    switch try connection.restore() {
    case .same: state = .open(connection)
    case .reopen(let lock): state = .restored(lock)
    }
  }

  private func access<Result: Sendable>(
    _ body: (inout sending State) throws -> Result
  ) throws(StoreError) -> Result {
    do {
      return try state.withLock { state in try body(&state) }
    } catch {
      throw file.storeError(error)
    }
  }
}
