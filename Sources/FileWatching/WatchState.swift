import SystemCalls

/// Decides when a touched file is stable, and whether it then is a change to report.
///
/// Pure: the caller passes the events, the versions of files and the time, in nanoseconds of any clock that only goes
/// forward. A file is checked when an event names it, and again when nobody has touched it for ``quiet``; it is stable
/// if both checks saw the same version:
///
///     closed ──check──► 50 ms ──check──► same version ► report it if it differs from the known one
///       ▲                         └────► another version: as if touched now
///     moved away ──check: missing──► 500 ms ──check──► still missing ► gone
///     created ──check──► 500 ms ──check──► same version, though never closed ► report it
///
/// So an editor that moves the old file away and a new one into place causes one report, and none if the content's
/// version is the old one. (A name that was linked to a finished file looks like a created file that nobody closes.)
struct WatchState {
  /// How long a file must be untouched, in nanoseconds.
  static let quiet: Int64 = 50_000_000
  /// How long a file must be missing to count as gone, in nanoseconds.
  static let absence: Int64 = 500_000_000

  /// The second check of a touched file.
  private struct PendingCheck {
    /// The version at the first check; nil if the file was missing.
    var version: FileVersion?
    /// For how long the file must keep this version.
    var wait: Int64
    var due: Int64
  }

  /// The versions that were last reported, or found at the start.
  private var known: [String: FileVersion] = [:]
  private var pending: [String: PendingCheck] = [:]

  /// Makes a version known without a report.
  mutating func setKnown(_ path: String, _ version: FileVersion) { known[path] = version }

  mutating func forget(_ path: String) {
    known[path] = nil
    pending[path] = nil
  }

  func knows(_ path: String) -> Bool { known[path] != nil || pending[path] != nil }

  /// Notes that something happened to a file.
  ///
  /// - Parameters:
  ///   - version: the file's version now; nil if it is missing.
  ///   - isUnfinished: whether a program seems to be writing it and will close it.
  mutating func touch(
    _ path: String, _ version: FileVersion?, isUnfinished: Bool = false, at now: Int64
  ) {
    if version == nil {
      guard known[path] != nil else {
        pending[path] = nil
        return
      }
      // Still missing: the wait goes on. Otherwise repeated events would extend it for ever.
      if let check = pending[path], check.version == nil { return }
    }
    let wait = version == nil || isUnfinished ? WatchState.absence : WatchState.quiet
    pending[path] = PendingCheck(version: version, wait: wait, due: now + wait)
  }

  /// Compares the known files with all that exist, and touches those that came, went or were replaced.
  ///
  /// - Parameter eventsWereLost: whether to touch files that were rewritten in place too. If no events were lost, an
  ///   event will come when the writer has finished.
  mutating func reconcile(
    with files: [String: FileVersion], eventsWereLost: Bool, at now: Int64
  ) {
    for (path, version) in files {
      let seen = if let check = pending[path] { check.version } else { known[path] }
      if seen?.identity != version.identity || eventsWereLost && seen != version {
        touch(path, version, at: now)
      }
    }
    for path in known.keys where files[path] == nil { touch(path, nil, at: now) }
    pending = pending.filter { files[$0.key] != nil || known[$0.key] != nil }
  }

  /// The next time at which ``due(at:)`` has a file.
  var nextDue: Int64? { pending.values.lazy.map(\.due).min() }

  /// The files that are due for their second check, in order.
  func due(at now: Int64) -> [String] {
    pending.filter { $0.value.due <= now }.keys.sorted()
  }

  /// The second check of a file that is due. Returns the change to report, if any.
  mutating func check(_ path: String, _ version: FileVersion?, at now: Int64) -> WatchedChange? {
    guard let check = pending[path] else { return nil }
    guard check.version == version else {
      let isUnfinished = check.version != nil && check.wait > WatchState.quiet
      touch(path, version, isUnfinished: isUnfinished, at: now)
      return nil
    }
    pending[path] = nil
    guard known[path] != version else { return nil }
    known[path] = version
    return version == nil ? .gone(path: path) : .changed(path: path)
  }
}
