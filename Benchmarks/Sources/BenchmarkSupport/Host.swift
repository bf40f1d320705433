import Moonwheel

/// A scheduler that runs one script, which tells its figures with `report(name, ...)`, and may ask for `processor_time()`, in
/// nanoseconds of the whole process.
public final class Host: Sendable {
  public let scheduler: Scheduler
  private let reports: AsyncStream<[Value]>

  /// Loads the script and starts it; returns after its first fire, so that its handlers are there.
  public init(
    _ script: String, named name: String = "benchmark.lua",
    store: any JobStore = MemoryJobStore()
  ) async throws {
    var configuration = Configuration()
    let ready = "\nafter('1ms', function() report('ready') end)"
    configuration.texts = [(name: name, source: script + ready)]
    configuration.logEvents =
      "script.failed | run.failed | run.timed_out | run.dropped | run.evicted"
    let (reports, continuation) = AsyncStream<[Value]>.makeStream()
    self.reports = reports
    scheduler = try Scheduler(configuration, store: store)
    try scheduler.register("report") { arguments in
      continuation.yield(arguments)
      return .nil
    }
    try scheduler.register("processor_time") { _ in .integer(Process.processorTime()) }
    try scheduler.start()
    _ = await next("ready")
  }

  /// The numbers of the next report of that name; earlier ones of other names are dropped.
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

  public func stop() async { await scheduler.stop() }
}
