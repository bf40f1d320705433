import Layers
import Moonwheel
import SQLiteJobStore
import Testing

/// The real host on a store that has times later than the clock, or a trigger without further fires.
@Suite(.serialized) struct StoreTimeTests {
  private static let hour: Int64 = 3_600_000_000_000

  /// Moves all times of a store forward, as if the clock had been ahead.
  private func move(_ path: String, by step: Int64) throws {
    let store = SQLiteJobStore(path: path)
    let state = try store.load()
    var changes: [StoreChange] = []
    for var job in state.jobs {
      job.anchor = job.anchor.advanced(by: step)
      job.registered = job.registered.advanced(by: step)
      job.since = job.since.advanced(by: step)
      job.lastStarted = job.lastStarted?.advanced(by: step)
      job.due = job.due?.advanced(by: step)
      changes.append(.job(job))
    }
    for var run in state.pendingRuns {
      run.dueAt = run.dueAt.advanced(by: step)
      run.scheduledAt = run.scheduledAt.advanced(by: step)
      changes.append(.pendingRun(run))
    }
    if let handled = state.handledThrough {
      changes.append(.handled(through: handled.advanced(by: step)))
    }
    try store.commit(changes, isDurable: true)
    store.close()
  }

  @Test func `a store that is ahead of the clock stops no job, and is reported`() throws {
    let folder = try ScriptFolder([
      "a.lua": """
      every("200ms", { name = "tick" }, function() end)
      cron("* * * * * *", { name = "cron" }, function() end)
      every("300ms to 500ms", { name = "gap" }, function() end)
      on("scheduler.clock_stepped", function(e) local by = e.payload.by if by < -3590 and by > -3600 then print("heard") end end)
      """
    ])
    #expect(try moonwheel("run", folder.path, "--for", "2500ms").code == 0)
    let path = folder.path + "/.moonwheel/store.db"
    try move(path, by: Self.hour)
    let why = try moonwheel("why", "cron", "--store", path)
    #expect(why.output.contains("The store is ahead of the clock"))
    let again = try moonwheel("run", folder.path, "--for", "3s", "--log-events", "run.started")
    #expect(again.log.contains("the store is ahead of the clock by"))
    #expect(again.log.contains("heard"), "\(again.log)")
    for name in ["tick", "cron", "gap"] {
      #expect(again.log.contains("a.lua/\(name)"), "\(name): \(again.log)")
    }
    let third = try moonwheel("run", folder.path, "--for", "1s")
    #expect(!third.log.contains("the store is ahead of the clock"))
  }

  @Test func `a trigger without further fires is a warning, and other jobs of its script go on`()
    throws
  {
    let folder = try ScriptFolder([
      "a.lua": """
      job("x", { on = cron("0 9 * * *") & dates { "2020-12-25" }, run = function() end })
      every("200ms", { name = "y" }, function() print("y runs") end)
      """
    ])
    let check = try moonwheel("check", folder.path)
    #expect(check.code == 0)
    #expect(check.log.contains("warning: a.lua:1: the job \"x\" never fires again"))
    for _ in 1...2 {
      let run = try moonwheel("run", folder.path, "--for", "1s")
      #expect(run.log.contains("line 1: the job \"x\" never fires again"), "\(run.log)")
      #expect(run.log.contains("y runs"))
    }
    let why = try moonwheel("why", "x", "--store", folder.path + "/.moonwheel/store.db")
    #expect(why.output.contains("It has ended: it has no further fire."), "\(why.output)")
  }
}
