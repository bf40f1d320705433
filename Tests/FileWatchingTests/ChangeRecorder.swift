import FileWatching
import SystemCalls
import TestSupport
import Testing
import WorkerPool

/// Records the reports of a watcher, without the path of the folder.
final class ChangeRecorder: Sendable {
  private let changes = Condition<[String]>([])
  private let failures = Condition<[WatchError]>([])
  let prefix: String

  init(below folder: TemporaryFolder) { prefix = folder.path + "/" }

  func watch(_ roots: String...) throws -> FileWatcher {
    try FileWatcher(
      roots: roots.map { ScriptRoot(path: $0) },
      onChange: { [self] new in
        changes.withLock { $0 += new.map(text) }
        changes.signal()
      },
      onFailure: { [self] failure in
        failures.withLock { $0.append(failure) }
        failures.signal()
      })
  }

  private func text(_ change: WatchedChange) -> String {
    let name = change.path.hasPrefix(prefix) ? String(change.path.dropFirst(prefix.count)) : "?"
    switch change {
    case .changed: return "changed \(name)"
    case .gone: return "gone \(name)"
    }
  }

  /// Waits for as many reports as are expected. They must be the expected ones, in any order.
  func expect(
    _ expected: String..., sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let limit = Clocks.monotonic() + 10_000_000_000
    let seen = changes.wait(until: limit) { changes -> [String]? in
      guard changes.count >= expected.count else { return nil }
      defer { changes = [] }
      return changes
    }
    let found = seen ?? changes.withLock { $0 }
    #expect(found.sorted() == expected.sorted(), sourceLocation: sourceLocation)
  }

  func waitForFailure() -> WatchError? {
    failures.wait(until: Clocks.monotonic() + 10_000_000_000) { $0.popLast() }
  }
}
