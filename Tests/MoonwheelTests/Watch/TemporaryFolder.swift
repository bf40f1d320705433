import Glibc
import Testing
import WorkerPool

@testable import Moonwheel

/// A folder that goes with its object.
final class TemporaryFolder: Sendable {
  let path: String

  init() throws {
    var name = Array("/tmp/moonwheel-watch-XXXXXX".utf8CString)
    let made = unsafe mkdtemp(&name) != nil
    try #require(made)
    path = String(decoding: name.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  deinit { TemporaryFolder.remove(path) }

  func path(_ name: String) -> String { "\(path)/\(name)" }

  func write(_ name: String, _ text: String = "x") throws {
    let file = try open(name, O_WRONLY | O_CREAT | O_TRUNC)
    try add(text, to: file)
    close(file)
  }

  func open(_ name: String, _ flags: Int32) throws -> Int32 {
    let file = unsafe Glibc.open(path(name), flags, 0o644)
    try #require(file >= 0, "\(name): errno \(errno)")
    return file
  }

  func add(_ text: String, to file: Int32) throws {
    try #require(unsafe Glibc.write(file, text, text.utf8.count) == text.utf8.count)
  }

  func folder(_ name: String) throws {
    try #require(unsafe mkdir(path(name), 0o755) == 0, "\(name): errno \(errno)")
  }

  func move(_ from: String, _ to: String) throws {
    try #require(unsafe rename(path(from), path(to)) == 0, "\(from): errno \(errno)")
  }

  func link(_ name: String, to target: String) throws {
    try #require(unsafe symlink(target, path(name)) == 0, "\(name): errno \(errno)")
  }

  func remove(_ name: String) { TemporaryFolder.remove(path(name)) }

  private static func remove(_ path: String) {
    if let status = FileStatus(of: path, followingLinks: false), status.kind == .folder {
      do {
        for name in try FolderEntries.names(in: path) { remove("\(path)/\(name)") }
      } catch { Issue.record(error) }
    }
    _ = unsafe Glibc.remove(path)
  }
}

/// Gathers what a watcher reports, with the root's path left out.
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

  /// Waits for as many reports as are expected; they must be these, in any order, and no others.
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
