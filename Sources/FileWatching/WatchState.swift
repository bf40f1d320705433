import SystemCalls

/// Decides when a file that was touched has come to rest, and what then is to be reported.
///
/// Pure: it is told what happened, what a file is like, and the time (nanoseconds of any clock that
/// only goes forward). A file is looked at when an event names it, and again when it has been left
/// alone for ``quiet``; if both looks saw the same, it is at rest:
///
///     closed ──look──► 50 ms ──look──► the same ► report if it differs from what is known
///       ▲                        └───► another: as if touched now
///     moved away ──look: missing──► 500 ms ──look──► still missing ► gone
///     created ──look──► 500 ms ──look──► the same, though never closed ► report
///
/// (A name that was linked to a finished file looks like one that was created, and is never closed.)
/// so an editor that moves the old file away and a new one into place makes one report, and none if
/// the file is as it was.
struct WatchState {
  /// How long a file must be left alone, in nanoseconds.
  static let quiet: Int64 = 50_000_000
  /// How long a file must be missing to be gone.
  static let absence: Int64 = 500_000_000

  private struct Unrest {
    /// As last seen; nil if missing.
    var version: FileVersion?
    /// For how long it must stay so.
    var wait: Int64
    var due: Int64
  }

  /// What was last reported, or there at the start.
  private var known: [String: FileVersion] = [:]
  private var restless: [String: Unrest] = [:]

  /// Takes a file as known without a report.
  mutating func adopt(_ path: String, _ version: FileVersion) { known[path] = version }

  mutating func forget(_ path: String) {
    known[path] = nil
    restless[path] = nil
  }

  func knows(_ path: String) -> Bool { known[path] != nil || restless[path] != nil }

  /// Something happened to a file, which now is as given; nil if missing.
  ///
  /// - Parameter isUnfinished: whether somebody seems to be writing it, who will close it.
  mutating func touch(
    _ path: String, _ version: FileVersion?, isUnfinished: Bool = false, at now: Int64
  ) {
    if version == nil {
      guard known[path] != nil else {
        restless[path] = nil
        return
      }
      // Still missing: the wait goes on, else repeated events would put the end off for ever.
      if let unrest = restless[path], unrest.version == nil { return }
    }
    let wait = version == nil || isUnfinished ? WatchState.absence : WatchState.quiet
    restless[path] = Unrest(version: version, wait: wait, due: now + wait)
  }

  /// Compares with all files that there are; touches those that came, went or were replaced.
  ///
  /// - Parameter eventsWereLost: whether files that were rewritten in place count as well. They do
  ///   not otherwise, since their writer may not be done; an event tells when it is.
  mutating func reconcile(
    with files: [String: FileVersion], eventsWereLost: Bool, at now: Int64
  ) {
    for (path, version) in files {
      if let unrest = restless[path] {
        guard let seen = unrest.version, seen.isSameFile(as: version) else {
          touch(path, version, at: now)
          continue
        }
        if eventsWereLost, seen != version { touch(path, version, at: now) }
      } else if let before = known[path], before.isSameFile(as: version) {
        if eventsWereLost, before != version { touch(path, version, at: now) }
      } else {
        touch(path, version, at: now)
      }
    }
    for path in known.keys where files[path] == nil { touch(path, nil, at: now) }
    restless = restless.filter { files[$0.key] != nil || known[$0.key] != nil }
  }

  /// When ``due(at:)`` has something next.
  var nextDue: Int64? { restless.values.lazy.map(\.due).min() }

  /// The files to look at again, in order.
  func due(at now: Int64) -> [String] {
    restless.filter { $0.value.due <= now }.keys.sorted()
  }

  /// The second look at a file that was due.
  mutating func settle(_ path: String, _ version: FileVersion?, at now: Int64) -> WatchedChange? {
    guard let unrest = restless[path] else { return nil }
    guard unrest.version == version else {
      let isUnfinished = unrest.version != nil && unrest.wait > WatchState.quiet
      touch(path, version, isUnfinished: isUnfinished, at: now)
      return nil
    }
    restless[path] = nil
    guard known[path] != version else { return nil }
    known[path] = version
    return version == nil ? .gone(path: path) : .changed(path: path)
  }
}
