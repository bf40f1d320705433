import JobStore
import Moonwheel
import ScriptHost

/// A scheduler for benchmark scripts. Scripts pass their figures to `report(name, ...)`; `processor_time()` returns the
/// processor time of the whole process in nanoseconds.
public final class Host: Sendable {
  public let scheduler: Scheduler
  private let reports: AsyncStream<CallArguments>

  /// Loads and starts a script. Returns after its first fire, when its handlers are registered.
  public convenience init(
    _ script: String, named name: String = "benchmark.lua",
    store: any JobStore = MemoryJobStore()
  ) async throws {
    let ready = "\nafter('1ms', function() report('ready') end)"
    var configuration = Configuration()
    configuration.texts = [(name: name, source: script + ready)]
    try self.init(configuration, store: store)
    _ = await next("ready")
  }

  /// Starts with the scripts of the configuration, and returns when they have been loaded.
  public init(
    _ configuration: Configuration, store: any JobStore = MemoryJobStore(),
    clock: any SchedulerClock = SystemClock(), prepare: (Scheduler) throws -> Void = { _ in }
  ) throws {
    var configuration = configuration
    configuration.logEvents =
      "script.failed | run.failed | run.timed_out | run.dropped | run.evicted"
    let (reports, continuation) = AsyncStream<CallArguments>.makeStream()
    self.reports = reports
    scheduler = try Scheduler(configuration, store: store, clock: clock)
    try scheduler.register("report") { arguments in
      continuation.yield(arguments)
      return .nil
    }
    try scheduler.register("processor_time") { _ in .integer(Process.processorTime()) }
    try prepare(scheduler)
    try scheduler.start()
    scheduler.waitUntilLoaded()
  }

  /// The numbers of the next report of that name; drops earlier reports of other names.
  public func next(_ name: String) async -> [Double] {
    for await report in reports where report.first == .string(name) {
      return report.dropFirst().map { value in
        switch value {
        case .integer(let number): Double(number)
        case .number(let number): number
        default: preconditionFailure("\(name) reports \(value), which is not a number")
        }
      }
    }
    preconditionFailure("the script ended without reporting \(name)")
  }

  /// Emits an event, and waits for the report of that name.
  public func ask(_ event: String, for name: String) async throws -> [Double] {
    try scheduler.emit(event)
    return await next(name)
  }

  public func stop() async { await scheduler.stop() }
}
