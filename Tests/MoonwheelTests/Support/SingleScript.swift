import Layers
import Logging
import LuaRuntime
import MoonwheelTesting
import SystemCalls
import Testing
import WorkerPool

@testable import JobStore
@testable import Moonwheel
@testable import MoonwheelModel
@testable import SchedulerCore
@testable import SchedulerEngine
@testable import ScriptHost

/// One script on a worker, without the core: a test dispatches runs itself and reads their reports.
final class SingleScript: Sendable {
  let environment: ScriptEnvironment
  let isolate: ScriptIsolate
  let registrations: [Registration]
  let clock: ManualClock
  let log = LogRecorder()
  let reports: Condition<[RunEnd]>

  init(
    _ script: String, _ configuration: Configuration = Configuration(),
    functions: [HostFunction] = []
  ) throws {
    let clock = ManualClock(wall: Timestamp(seconds: 1_767_225_600))
    self.clock = clock
    let reports = Condition<[RunEnd]>([])
    self.reports = reports
    var configuration = configuration
    configuration.workers = 1
    configuration.timeZone = "UTC"
    let engine = try Engine(
      configuration, clock: clock, logger: log.logger, logEvents: nil, store: MemoryJobStore(),
      seed: nil,
      onReport: { report in
        reports.withLock { $0.append(report) }
        reports.broadcast()
      })
    environment = engine.environment
    environment.functions.add(functions)
    let source = ScriptSource(name: "a.lua", path: nil, root: nil, text: Array(script.utf8))
    isolate = ScriptIsolate(environment.newScript(named: "a.lua"), source, in: environment)
    registrations = try isolate.loadAndWait().get().registrations
  }

  deinit { environment.pool.stop() }

  func registration(_ name: String) throws -> Registration {
    try #require(registrations.first { $0.name == name })
  }

  func policy(_ name: String) throws -> JobPolicy { try registration(name).policy.value }

  func dispatch(
    _ name: String, _ payload: Dispatch.Payload = .none, _ extras: Dispatch.Extras? = nil,
    scheduledAt: Timestamp? = nil
  ) throws -> Dispatch {
    let registration = try registration(name)
    var passed = extras ?? Dispatch.Extras()
    passed.payload = payload
    return Dispatch(
      generation: isolate.generation, job: .none, run: Run.ID(rawValue: 7),
      handle: registration.handle, attempt: 1, number: 1,
      scheduledAt: scheduledAt ?? clock.read().wall, key: .none, isRecorded: false,
      extras: Boxed(passed))
  }

  /// Starts a run and waits for its report.
  func run(
    _ name: String, _ payload: Dispatch.Payload = .none, _ extras: Dispatch.Extras? = nil,
    scheduledAt: Timestamp? = nil
  ) throws -> RunEnd {
    let before = reports.withLock { $0.count }
    isolate.post(.starts([try dispatch(name, payload, extras, scheduledAt: scheduledAt)]))
    return try report(after: before)
  }

  private func report(after count: Int) throws -> RunEnd {
    let deadline = Clocks.monotonic() + 20_000_000_000
    return try #require(
      reports.wait(until: deadline) { $0.count > count ? $0[count] : nil })
  }
}

extension RunEnd {
  var failure: RunFailure? { outcome.failure }
  var result: Value? {
    if case .succeeded(let value) = outcome { value } else { nil }
  }
}
