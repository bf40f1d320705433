import MoonwheelModel
import Triggers

enum AdoptCases {
  static let all = [
    ConformanceCase("a job adopts what belongs to another") { store, factory in
      let (a, b) = (sampleJob(1, script: "a.lua"), sampleJob(2, script: "b.lua"))
      var pending = PendingRun(
        run: Run.ID(rawValue: 7), job: a.key, kind: .promise, scheduledAt: second(1),
        dueAt: second(9))
      try store.commit(
        .job(a), .job(b), .state(a.key, ["n": 500]), .state(b.key, ["n": 1]),
        .pendingRun(pending),
        .ended(
          RunRecord(
            run: Run.ID(rawValue: 5), job: a.key, status: .succeeded, scheduledAt: second(3),
            startedAt: second(3), endedAt: second(4))),
        .decision(
          Decision(
            id: Decision.ID(rawValue: 1), job: a.key, kind: .missed, from: second(2),
            through: second(2), decidedAt: second(2), reason: "down")),
        .adopt(a.key, into: b.key), .adopt(b.key, into: a.key), .adopt(b.key, into: b.key))
      pending.job = b.key
      let (again, state) = try factory.reopen(store)
      try expectEqual(state.jobs.map(\.key), [b.key], "the jobs")
      try expectEqual(state.states, [b.key: ["n": 500]], "the states")
      try expectEqual(state.pendingRuns, [pending], "the pending runs")
      try expectEqual(
        try again.runs(RunQuery(script: "b.lua")).map(\.run.rawValue), [5], "the runs")
      try expectEqual(
        try again.decisions(RunQuery(script: "b.lua")).map(\.reason), ["down"], "the decisions")
    }
  ]
}
