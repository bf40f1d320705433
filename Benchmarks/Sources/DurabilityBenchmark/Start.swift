import BenchmarkSupport
import Moonwheel
import MoonwheelModel
import SQLiteJobStore

/// A start with many stored jobs and a long history: the time to the first fire, and the time of a query.
enum Start {
  private static let jobs = isSmoke ? 1_000 : 100_000
  private static let rows = isSmoke ? 10_000 : 1_000_000

  private static let script = """
    for i = 1, \(jobs) do
      every("1h", { name = "job " .. i, catchup = "none" }, function() end)
    end
    """

  static func measure() async throws {
    let folder = Folder()
    let host = try await Host(script, named: "many.lua", store: folder.store)
    await host.stop()
    try fill(folder)
    var waits: [Double] = []
    var costs: [Double] = []
    for _ in 1...(isSmoke ? 1 : 5) {
      let begun = (Process.monotonicTime(), Process.processorTime())
      let again = try await Host(script, named: "many.lua", store: folder.store)
      waits.append(Double(Process.monotonicTime() - begun.0) / 1e9)
      costs.append(Double(Process.processorTime() - begun.1) / 1e9)
      await again.stop()
    }
    let asked = Process.monotonicTime()
    let store = SQLiteJobStore(path: folder.path + "/store.db", mode: .readOnly)
    let found = try store.runs(RunQuery(name: "job 7"))
    let answered = Double(Process.monotonicTime() - asked) / 1e6
    store.close()
    print("\(jobs) stored jobs, \(rows) rows of history")
    row("  from the start to the first fire, s", rounded(median(waits)))
    row("  processor time until then, s", rounded(median(costs)))
    row("  the last \(found.count) runs of a job, ms", rounded(answered))
  }

  private static func fill(_ folder: Folder) throws {
    let store = folder.store
    let stored = try store.load()
    let keys = stored.jobs.map(\.key)
    var changes: [StoreChange] = []
    for number in 0..<rows {
      let at = Timestamp(seconds: 1_700_000_000 + Int64(number))
      changes.append(
        .ended(
          RunRecord(
            run: Run.ID(rawValue: UInt64(number + 1)), job: keys[number % keys.count], number: 1,
            status: .succeeded, scheduledAt: at, startedAt: at, endedAt: at)))
      guard changes.count == 10_000 else { continue }
      try store.commit(changes, isDurable: false)
      changes = []
    }
    try store.commit(changes, isDurable: false)
    store.close()
  }
}
