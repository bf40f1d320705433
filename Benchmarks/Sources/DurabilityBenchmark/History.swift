import BenchmarkSupport
import JobStore
import Moonwheel

/// The cost of history for a fire: 1,000 jobs, each ten times a second, with a store in a file and in memory, in turn.
enum History {
  private static let jobs = isSmoke ? 100 : 1_000
  private static let seconds: Double = isSmoke ? 0.5 : 20
  private static let rounds = isSmoke ? 1 : 5

  private static let script = """
    local fires = 0
    for i = 1, \(jobs) do
      every("100ms", { name = "job " .. i }, function() fires = fires + 1 end)
    end
    on("ask", function() report("fires", fires) end)
    """

  static func measure() async throws {
    var ratios: [Double] = []
    var costs: [Double] = []
    for _ in 1...rounds {
      let folder = Folder()
      let durable = try await cost(folder.store)
      let memory = try await cost(MemoryJobStore())
      ratios.append(durable / memory)
      costs.append(durable)
    }
    print(
      "\(jobs * 10) fires a second for \(rounded(seconds, 0)) s, history in a file and in memory")
    row("  processor time a fire, ns", rounded(median(costs), 0))
    row("  ratio to memory", rounded(median(ratios)))
  }

  private static func cost(_ store: any JobStore) async throws -> Double {
    let host = try await Host(script, store: store)
    Process.sleep(seconds: isSmoke ? 0.1 : 2)  // until the rows of the jobs are written
    try host.scheduler.emit("ask")
    let first = await host.next("fires")[0]
    let before = Process.processorTime()
    Process.sleep(seconds: seconds)
    try host.scheduler.emit("ask")
    let fires = await host.next("fires")[0] - first
    let used = Double(Process.processorTime() - before)
    await host.stop()
    return used / fires
  }
}
