import MoonwheelModel
import Triggers

extension ConformanceCase {
  static let historyCases = [
    ConformanceCase("a run is stored with all its fields") { store, factory in
      var runs: [RunRecord] = []
      for (number, status) in RunStatus.allCases.enumerated() where status != .running {
        runs.append(sampleRun(UInt64(number) + 1, status, at: Int64(number)))
      }
      runs[0].result = sampleValue
      runs[0].processorTime = .max
      runs[0].peakMemory = 1 << 40
      runs[1].failure = RunFailure(
        message: "a.lua:3: \u{0} ☾", traceback: "stack\n\ttraceback", data: sampleValue)
      runs[1].log = [
        LogLine(at: second(1), level: "info", message: "a\0b", fields: ["n": 1]),
        LogLine(at: .distantPast, level: "error", message: ""),
      ]
      runs[1].omittedLines = 1_000_000
      runs[2].failure = RunFailure(message: "")
      runs[2].endedAt = nil
      runs[2].number = 0
      try store.commit([.job(sampleJob(1))] + runs.map { .ended($0) }, isDurable: true)
      let (again, _) = try factory.reopen(store)
      let expected = runs.reversed().map { $0.of(sampleJob(1)) }
      try expectEqual(try again.runs(RunQuery()), expected, "the runs")
    },
    ConformanceCase("the end of a run replaces its beginning") { store, factory in
      let job = sampleJob(1)
      try store.commit(
        .job(job), .began(sampleRun(1, .running)), .began(sampleRun(2, .running, at: 20)),
        .began(sampleRun(2, attempt: 2, .running, at: 20)))
      let (again, state) = try factory.reopen(store)
      let underWay = [
        sampleRun(1, .running), sampleRun(2, .running, at: 20),
        sampleRun(2, attempt: 2, .running, at: 20),
      ]
      try expectEqual(state.interrupted, underWay.map { $0.of(job) }, "the runs under way")
      try expectEqual(
        try again.runs(RunQuery(statuses: [.running])), underWay.reversed().map { $0.of(job) },
        "the runs with status running")
      try again.commit(
        .ended(sampleRun(2, .abandoned, at: 20)), .ended(sampleRun(1, .failed)),
        .ended(sampleRun(1, .succeeded)))
      let (last, rest) = try factory.reopen(again)
      try expectEqual(rest.interrupted, [underWay[2].of(job)], "the run that is still under way")
      let all = [underWay[2], sampleRun(2, .abandoned, at: 20), sampleRun(1)].map { $0.of(job) }
      try expectEqual(try last.runs(RunQuery()), all, "all runs")
    },
    ConformanceCase("a run that starts again is under way again") { store, factory in
      try store.commit(
        .job(sampleJob(1)), .ended(sampleRun(1, .abandoned)), .began(sampleRun(1, .running)))
      let again = [sampleRun(1, .running).of(sampleJob(1))]
      try expectEqual(try store.runs(RunQuery()), again, "the runs")
      let (_, state) = try factory.reopen(store)
      try expectEqual(state.interrupted, again, "the runs under way")
    },
    ConformanceCase("a summary replaces one of the same job and first instant") { store, factory in
      var grown = sampleSummary(through: 60)
      grown.count = .max
      try store.commit(
        .job(sampleJob(1)), .job(sampleJob(2, "other")), .summary(sampleSummary()),
        .summary(sampleSummary(job: 2)), .summary(sampleSummary(from: 5)), .summary(grown))
      let (again, _) = try factory.reopen(store)
      let expected = [
        grown.of(sampleJob(1)), sampleSummary(job: 2).of(sampleJob(2, "other")),
        sampleSummary(from: 5).of(sampleJob(1)),
      ]
      try expectEqual(try again.summaries(RunQuery()), expected, "the summaries")
    },
    ConformanceCase("decisions of every kind are stored, and can grow") { store, factory in
      try store.commit(.job(sampleJob(1)))
      var decisions = Decision.Kind.allCases.enumerated().map { number, kind in
        var decision = sampleDecision(Int64(number) + 1, from: Int64(number), through: 50)
        decision.kind = kind
        decision.reason = "\(kind)\0"
        decision.run = number == 0 ? nil : Run.ID(rawValue: UInt64(number))
        return decision
      }
      try store.commit(decisions.map { .decision($0) }, isDurable: true)
      decisions[0].through = second(70)
      decisions[0].count = 8_000_000_000
      decisions[1].reason = "another"
      try store.commit(
        .decisionGrew(decisions[0].id, through: second(70), count: 8_000_000_000),
        .decision(decisions[1]))
      let (again, state) = try factory.reopen(store)
      let expected = [decisions[0]] + decisions.dropFirst().reversed()
      try expectEqual(
        try again.decisions(RunQuery()), expected.map { $0.of(sampleJob(1)) }, "the decisions")
      try expectEqual(state.lastDecision.rawValue, Int64(decisions.count), "the last decision")
    },
  ]
}
