import MoonwheelModel
import Triggers

extension ConformanceCase {
  static let jobCases = [
    ConformanceCase("a new store is empty") { factory in
      let (store, state) = try factory.open()
      try expect(
        state.jobs.isEmpty && state.states.isEmpty && state.pendingRuns.isEmpty
          && state.interrupted.isEmpty && state.handledThrough == nil && state.seed == nil
          && state.lastRun.rawValue == 0 && state.lastKey == .none
          && state.lastDecision.rawValue == 0, "\(state)")
      try expect(try store.runs(RunQuery()).isEmpty, "there are runs")
      try expect(try store.prune(at: second(0)) == false, "there is something to prune")
    },
    ConformanceCase("a job is stored with all its fields, and replaces one of the same key") {
      store, factory in
      let full = fullJob
      try store.commit(.job(sampleJob(1, "first")), .job(sampleJob(2)))
      try store.commit(.job(full))
      try expectEqual(
        try store.jobs(script: nil, name: nil), [sampleJob(2), full], "the jobs")
      let (_, state) = try factory.reopen(store)
      try expectEqual(state.jobs, [full, sampleJob(2)], "the loaded jobs")
      try expectEqual(state.lastKey.rawValue, 2, "the last key")
    },
    ConformanceCase("jobs are found by name and script, which are compared byte by byte") {
      store, _ in
      let jobs = [
        sampleJob(1, "caf\u{e9}"), sampleJob(2, "cafe\u{301}"), sampleJob(3, "x\0y"),
        sampleJob(4, "x"), sampleJob(5, "x", script: "b.lua"), sampleJob(6, "", script: ""),
      ]
      try store.commit(jobs.map { .job($0) }, isDurable: true)
      for job in jobs {
        let found = try store.jobs(script: job.script, name: job.name)
        try expectEqual(found.map(\.key), [job.key], "the jobs of \(job)")
      }
      let ofAnyScript = try store.jobs(script: nil, name: "x")
      try expectEqual(ofAnyScript.map(\.key.rawValue), [4, 5], "the jobs of that name")
      let ofScript = try store.jobs(script: "b.lua", name: nil)
      try expectEqual(ofScript.map(\.key.rawValue), [5], "the jobs of that script")
      try expect(
        try store.jobs(script: "a.lua", name: "none").isEmpty, "it finds a job that is not there")
    },
    ConformanceCase("status, counts and orphaned change only their fields of a job") {
      store, factory in
      var job = fullJob
      try store.commit(
        .job(job), .status(job.key, .cancelled, reason: nil, due: nil, since: second(44)),
        .counts(job.key, runs: 8, fires: 9, lastStarted: second(50), due: second(55)),
        .orphaned(job.key, nil))
      job.state = .cancelled
      job.reason = nil
      job.due = second(55)
      job.since = second(44)
      job.runs = 8
      job.fires = 9
      job.lastStarted = second(50)
      job.orphanedAt = nil
      try expectEqual(try store.jobs(script: nil, name: nil), [job], "the job")
      try store.commit(
        .counts(job.key, runs: 8, fires: 9, lastStarted: second(50), due: nil),
        .status(job.key, .paused, reason: "\u{0}", due: second(3), since: second(2)),
        .orphaned(job.key, second(4)))
      job.state = .paused
      job.reason = "\u{0}"
      job.due = second(3)
      job.since = second(2)
      job.orphanedAt = second(4)
      let (_, state) = try factory.reopen(store)
      try expectEqual(state.jobs, [job], "the loaded job")
    },
    ConformanceCase("the state of a job is stored, replaced, and removed by nil") {
      store, factory in
      try store.commit(
        .job(sampleJob(1)), .job(sampleJob(2, "other")), .state(StoreKey(rawValue: 1), ["n": 1]),
        .state(StoreKey(rawValue: 2), 5))
      try store.commit(
        .state(StoreKey(rawValue: 1), sampleValue), .state(StoreKey(rawValue: 2), nil),
        .job(sampleJob(1, "renamed")))
      let (_, state) = try factory.reopen(store)
      try expectEqual(state.states, [StoreKey(rawValue: 1): sampleValue], "the states")
    },
    ConformanceCase("a change of a missing row changes nothing") { store, factory in
      let key = StoreKey(rawValue: 9)
      try store.commit(
        .status(key, .paused, reason: "no", due: nil, since: second(0)),
        .counts(key, runs: 1, fires: 1, lastStarted: nil, due: nil), .state(key, 1),
        .orphaned(key, second(1)),
        .forget(key), .pendingRun(samplePendingRun(5, job: 9)),
        .pendingRunStatus(Run.ID(rawValue: 4), .running, crashes: 1),
        .pendingRunEnded(Run.ID(rawValue: 4)),
        .began(sampleRun(6, job: 9, .running)), .ended(sampleRun(7, job: 9)),
        .summary(sampleSummary(job: 9)), .decision(sampleDecision(3, job: 9)),
        .decisionGrew(Decision.ID(rawValue: 2), through: second(1), count: 2))
      try store.pruneAll()
      try store.commit(.job(sampleJob(9)))
      let (again, state) = try factory.reopen(store)
      try expect(
        state.states.isEmpty && state.pendingRuns.isEmpty && state.interrupted.isEmpty, "\(state)")
      try expect(
        try again.runs(RunQuery()).isEmpty && again.summaries(RunQuery()).isEmpty
          && again.decisions(RunQuery()).isEmpty, "a row of a missing job was added")
      try expectEqual(state.lastRun.rawValue, 7, "the last run")
      try expectEqual(state.lastDecision.rawValue, 3, "the last decision")
    },
    ConformanceCase("forgetting a job removes its rows, but keeps the highest numbers") {
      store, factory in
      for key: Int64 in [1, 2] {
        let run = UInt64(key * 10)
        try store.commit(
          .job(sampleJob(key, "\(key)")), .state(StoreKey(rawValue: key), 1),
          .pendingRun(samplePendingRun(run, job: key)), .began(sampleRun(run, job: key, .running)),
          .ended(sampleRun(run + 1, job: key)), .summary(sampleSummary(job: key)),
          .decision(sampleDecision(key, job: key)))
      }
      try store.commit(.forget(StoreKey(rawValue: 2)))
      let (again, state) = try factory.reopen(store)
      try expectEqual(state.jobs.map(\.key.rawValue), [1], "the jobs")
      try expectEqual(Array(state.states.keys.map(\.rawValue)), [1], "the states")
      try expectEqual(state.pendingRuns.map(\.run.rawValue), [10], "the pending runs")
      try expectEqual(state.interrupted.map(\.run.rawValue), [10], "the runs under way")
      try expectEqual(try again.runs(RunQuery()).map(\.run.rawValue), [11, 10], "the runs")
      try expectEqual(try again.summaries(RunQuery()).map(\.job.rawValue), [1], "the summaries")
      try expectEqual(try again.decisions(RunQuery()).map(\.job.rawValue), [1], "the decisions")
      let last = [
        Int64(state.lastRun.rawValue), state.lastKey.rawValue, state.lastDecision.rawValue,
      ]
      try expectEqual(last, [21, 2, 2], "the last run, key and decision")
    },
  ]

  private static var fullJob: StoredJob {
    var job = sampleJob(1, "full", script: "reports/daily.lua", history: 0, failures: 3)
    job.isNamed = false
    job.trigger = "at 18:00 · \u{0} \n"
    job.instants = [second(100), .distantPast, .distantFuture]
    job.due = second(7)
    job.since = second(6)
    job.timing = "from \u{0}; till 1"
    job.hasPausedOption = true
    job.from = .distantPast
    job.till = .distantFuture
    job.fires = .max
    job.runs = 5
    job.lastStarted = second(40)
    job.state = .paused
    job.reason = "by hand"
    job.orphanedAt = second(60)
    return job
  }
}
