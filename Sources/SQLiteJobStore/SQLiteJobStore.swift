import JobStore
import MoonwheelModel
import Synchronization
import Triggers

/// A store in a file of SQLite: the default of the command line.
///
/// Opened by ``load()``, or with the first query where it is only read. A host that writes holds a lock beside the file
/// (`FILE.lock`), so that a second one is refused; any number may read meanwhile, and after a crash.
///
/// Should somebody remove or replace its files meanwhile, the next commit is refused, and the one after it first makes the
/// store anew at its path, with all that is in the files that are still open. A file that somebody has put in its place is
/// not touched.
///
/// Every call is made in the calling thread and may wait for the disk; they come one after the other. After a refusal, the
/// store is as it was before the call, and a later call may succeed.
///
/// Space of what was removed is used again, and not given back to the file system: what a store holds is bounded, so its
/// file stops growing. To make it smaller, stop the host and run `VACUUM`.
public final class SQLiteJobStore: JobStore {
  /// What a store is opened for.
  public enum Mode: Sendable {
    /// By the one host that writes to it. Makes the file, and its folder.
    case readWrite
    /// Beside a host or without one; ``JobStore/commit(_:isDurable:)`` is refused.
    case readOnly
  }

  private enum State {
    case unopened
    case open(Connection)
    /// Its files are not at their paths: nothing is committed until they are again.
    case misplaced(Connection)
    /// All that was stored is in a file at the path, which is to be opened under this lock.
    case remade(StoreLock?)
    case closed
  }

  public let mode: Mode
  private let patience: Duration
  private let file: StoreFile
  private let state = Mutex(State.unopened)

  /// Does not touch the file yet. A relative path is one in the folder that the process is in now. A lock that another
  /// program has on the file is waited for as long as `patience`, then the call is refused with `busy`.
  public init(path: String, mode: Mode = .readWrite, patience: Duration = .seconds(5)) {
    file = StoreFile(path)
    self.mode = mode
    self.patience = patience
  }

  public var isDurable: Bool { true }

  /// Also refuses with `held`, `newer`, `foreign`, and `corrupt`: see ``setAside(_:)``.
  public func load() throws(StoreError) -> StoredState {
    let (file, mode, patience) = (file, mode, patience)
    return try access { state in
      if case .open(let connection) = state { return try connection.load() }
      let connection = try Connection(file, mode, patience)
      let stored = try connection.load()
      state = .open(connection)
      return stored
    }
  }

  public func commit(_ changes: [StoreChange], isDurable: Bool) throws(StoreError) {
    let (file, mode, patience) = (file, mode, patience)
    try access { state in
      try Self.putBack(&state)
      if case .remade(let lock) = state {
        state = .open(try Connection(file, mode, patience, lock: lock))
      }
      let connection = try Self.connection(&state, file, mode, patience)
      do {
        try connection.commit(changes, isDurable: isDurable)
      } catch let error as Misplacement {
        state = .misplaced(connection)
        throw error
      }
    }
  }

  public func runs(_ query: RunQuery) throws(StoreError) -> [RunRecord] {
    try use { try $0.read { try $0.runs(query) } }
  }

  public func summaries(_ query: RunQuery) throws(StoreError) -> [RunSummary] {
    try use { try $0.read { try $0.summaries(query) } }
  }

  public func decisions(_ query: RunQuery) throws(StoreError) -> [Decision] {
    try use { try $0.read { try $0.decisions(query) } }
  }

  public func jobs(script: String?, name: String?) throws(StoreError) -> [StoredJob] {
    try use { try $0.read { try $0.jobs(script: script, name: name) } }
  }

  public func pendingRuns(of job: StoreKey) throws(StoreError) -> [PendingRun] {
    try use { try $0.read { try $0.pendingRuns(of: job) } }
  }

  public func sources(of script: String) throws(StoreError) -> StoredSources? {
    try use { try $0.read { try SourceCommands.version(of: script, in: $0) } }
  }

  /// Every fire up to here was handled.
  public func handledThrough() throws(StoreError) -> Timestamp? {
    try use { try $0.read { try Marks($0).handledThrough } }
  }

  /// What the host that writes to the store says of itself, such as `process 7, on web-1, since ...`; nil where there is
  /// none, as far as can be told: a host that was killed, and whose number another process has now, is taken for alive.
  public var host: String? { StoreLock.holder(of: file) }

  public func prune(at now: Timestamp) throws(StoreError) -> Bool {
    try use { try $0.write { try $0.prune(at: now) } }
  }

  /// Takes what the log still has into the file, and gives the lock back.
  public func close() {
    state.withLock { $0 = .closed }
  }

  private func use<Result: Sendable>(
    _ body: @Sendable (Connection) throws -> Result
  ) throws(StoreError) -> Result {
    let (file, mode, patience) = (file, mode, patience)
    return try access { state in try body(Self.connection(&state, file, mode, patience)) }
  }

  private static func connection(
    _ state: inout State, _ file: StoreFile, _ mode: Mode, _ patience: Duration
  ) throws -> Connection {
    switch state {
    case .open(let connection), .misplaced(let connection): return connection
    case .unopened where mode == .readOnly:
      let connection = try Connection(file, mode, patience)
      state = .open(connection)
      return connection
    case .unopened: throw StoreError(.closed, "\(file.name): it is not loaded")
    case .remade: throw StoreError(.missing, "\(file.name): it is being made anew")
    case .closed: throw StoreError(.closed, "\(file.name): it was closed")
    }
  }

  /// Sees to it that all that was stored is at the store's path. Lets go of a connection to what was there before.
  private static func putBack(_ state: inout State) throws {
    guard case .misplaced(let connection) = state else { return }
    switch try connection.replaced() {
    case .same(let connection): state = .open(connection)
    case .reopen(let lock): state = .remade(lock)
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
