import JobStore
import Logging
import Moonwheel
import SQLiteJobStore
import SystemCalls

/// The place where `run` keeps jobs and history.
enum StoreLocation {
  case memory
  case file(String)

  /// The path, or `memory`, as `--store` takes them.
  var name: String {
    switch self {
    case .memory: "memory"
    case .file(let path): path
    }
  }

  /// `--store`, its variable, or `.moonwheel/store.db` in the folder of the scripts.
  init(_ given: String?, scripts paths: [String]) throws(Failure) {
    if let setting = Setting("store", given) {
      self = setting.text == "memory" ? .memory : .file(setting.text)
      return
    }
    guard let path = paths.first, paths.count == 1 else {
      throw Failure(
        "several paths have no common store: give --store FILE, or --store memory to keep nothing",
        code: 64)
    }
    self = .file(try Self.folder(of: path) + "/.moonwheel/store.db")
  }

  /// The folder at a path, or that of the script at it.
  private static func folder(of path: String) throws(Failure) -> String {
    guard let status = FileStatus(of: path) else {
      throw Failure("\(path): no such script or folder")
    }
    guard status.kind != .folder else {
      return path.hasSuffix("/") ? String(path.dropLast()) : path
    }
    let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    return parts.isEmpty ? "." : parts.joined(separator: "/")
  }

  /// Makes the scheduler on the store. If the store is damaged, moves it away and begins a new one, so that jobs do not
  /// wait for an operator.
  func open(_ configuration: Configuration, _ logger: Logger) throws -> Scheduler {
    guard case .file(let path) = self else {
      return try Scheduler(configuration, store: MemoryJobStore(), logger: logger)
    }
    do {
      return try Scheduler(configuration, store: SQLiteJobStore(path: path), logger: logger)
    } catch let error as StoreError {
      guard error.code == .corrupt else { throw Self.failure(error) }
      let aside = try SQLiteJobStore.quarantine(path)
      logger.error(
        "the store is damaged, and was moved to \(aside): the host begins with a new one, without promised runs, pauses and history. \(error)",
        metadata: ["event": "scheduler.degraded"])
      let scheduler = try Scheduler(
        configuration, store: SQLiteJobStore(path: path), logger: logger)
      try scheduler.emit(
        "scheduler.degraded",
        ["error": .string("\(error)"), "code": .string(error.code.rawValue)])
      return scheduler
    }
  }

  private static func failure(_ error: StoreError) -> Failure {
    let remedy =
      switch error.code {
      case .readOnly, .missing: "; or name another file: --store FILE, or --store memory"
      default: ""
      }
    return Failure("\(error)\(remedy)", code: 2)
  }
}
