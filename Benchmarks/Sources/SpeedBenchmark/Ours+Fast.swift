import BenchmarkSupport
import Moonwheel

extension Ours {
  static let count = "function() runs = runs + 1 end"
  static let pause = "function() runs = runs + 1 sleep('10ms') back = back + 1 end"

  /// Jobs that are always due: the clock runs ahead of the machine's, about 500 fires a step.
  static func ahead(jobs: Int, fires: Int, body: String) async throws -> Figures {
    let period: Int64 = 100_000_000
    let step = max(SteppedHost.tick, period * 500 / Int64(jobs))
    let stepped = try await SteppedHost(jobs: jobs, period: period, marker: step, body: body)
    let figures = try await stepped.runAhead(
      by: fires / jobs + 1, of: period, jobs: jobs, step: step, parks: body == pause)
    await stepped.stop()
    return figures
  }
}
