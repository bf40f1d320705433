import Layers
import MoonwheelTesting
import SchedulerEngine
import SystemCalls
import TestSupport
import Testing
import WorkerPool

@testable import Moonwheel
@testable import ScriptHost

/// A temporary folder of scripts with a host that serves and watches it, by default on a manual clock.
final class ServedFolder: Sendable {
  let folder: TemporaryFolder
  let clock: ManualClock?
  let log = LogRecorder()
  let scheduler: Scheduler
  /// Events `script.*`.
  let scripts: EventRecorder
  /// Events named `told`, which scripts emit.
  let told: EventRecorder

  init(
    _ files: KeyValuePairs<String, String>, onManualClock: Bool = true, watches: Bool = true,
    workers: Int = 2, recorder: (any CoreRecorder)? = nil
  ) throws {
    folder = try TemporaryFolder()
    for (name, text) in files { try ServedFolder.write(name, text, in: folder) }
    ServedFolder.outdate()
    var configuration = Configuration(paths: [folder.path])
    configuration.timeZone = "UTC"
    configuration.shutdownTimeout = .seconds(0.1)
    configuration.watches = watches
    configuration.workers = workers
    let manual = onManualClock ? ManualClock(wall: Timestamp(seconds: 1_767_225_600)) : nil
    clock = manual
    scheduler = try Scheduler(
      configuration, store: MemoryJobStore(), logger: log.logger, clock: manual ?? SystemClock(),
      onReport: nil, recorder: recorder)
    scripts = try EventRecorder("script.*", of: scheduler)
    told = try EventRecorder("told", of: scheduler)
    try scheduler.start()
    scheduler.waitUntilLoaded()
    scheduler.waitUntilIdle()
    scripts.removeAll()
  }

  /// Lets the files become older than what a load takes for changed since it began: 20 ms.
  private static func outdate() {
    let never = Condition(false)
    _ = never.wait(until: Clocks.monotonic() + 30_000_000) { $0 ? true : nil }
  }

  static func write(_ name: String, _ text: String, in folder: TemporaryFolder) throws {
    let parts = name.split(separator: "/").dropLast()
    for depth in parts.indices {
      let path = parts[...depth].joined(separator: "/")
      if FileStatus(of: folder.path(path)) == nil { try folder.folder(path) }
    }
    try folder.write(name, text)
  }

  func write(_ name: String, _ text: String) throws {
    try ServedFolder.write(name, text, in: folder)
  }

  /// Waits for as many script events as there are arguments, and compares them, e.g. `reloaded a.lua`.
  func expect(_ expected: String..., sourceLocation: SourceLocation = #_sourceLocation) {
    _ = scripts.wait { $0.count >= expected.count }
    #expect(changes.sorted() == expected.sorted(), sourceLocation: sourceLocation)
    scripts.removeAll()
    scheduler.waitUntilIdle()
  }

  private var changes: [String] {
    scripts.events.map { event in
      "\(event.name.dropFirst("script.".count)) \(event.payload["script"]?.text ?? "?")"
    }
  }

  /// Waits until there are no more isolates than this: a thread may release its last reference a little later.
  func expectIsolates(_ count: Int, sourceLocation: SourceLocation = #_sourceLocation) {
    let deadline = Clocks.monotonic() + 10_000_000_000
    repeat {
      scheduler.waitUntilIdle()
    } while scheduler.isolateCount > count && Clocks.monotonic() < deadline
    #expect(scheduler.isolateCount == count, sourceLocation: sourceLocation)
  }

  /// Moves the manual clock, as ``TestScheduler`` does.
  func advance(by seconds: Double) {
    guard let clock else { preconditionFailure("the clock is the machine's") }
    clock.advance(by: seconds, of: scheduler)
  }

  /// The lines that scripts have printed since the last call.
  func said() -> [String] {
    defer { log.removeAll() }
    return log.said
  }
}

/// Runs a host with a folder of scripts during `body`.
func withFolder(
  _ files: KeyValuePairs<String, String>, onManualClock: Bool = true, watches: Bool = true,
  _ body: (ServedFolder) async throws -> Void
) async throws {
  let served = try ServedFolder(files, onManualClock: onManualClock, watches: watches)
  do {
    try await body(served)
  } catch {
    await served.scheduler.stop()
    throw error
  }
  await served.scheduler.stop()
}
