import MoonwheelModel

extension ConformanceCase {
  static let boundCases = [
    ConformanceCase("rows of a time after now stay, and do not count") { store, factory in
      try store.commit(.job(sampleJob(1, history: 2, failures: 2)))
      for number in 1...4 as ClosedRange<Int64> {
        for at in [number, 1_000 + number] {
          let id = UInt64(at)
          var summary = sampleSummary(from: at, through: at)
          summary.count = at
          var decision = sampleDecision(at, from: at, through: at)
          decision.run = nil
          try store.commit(
            .ended(sampleRun(id, at: at)), .ended(sampleRun(5_000 + id, .failed, at: at)),
            .summary(summary), .decision(decision))
        }
      }
      try store.pruneAll(at: second(500))
      let (again, _) = try factory.reopen(store)
      let kept: [UInt64] = [1_004, 1_003, 1_002, 1_001, 4, 3]
      let good = try again.runs(RunQuery(statuses: [.succeeded])).map(\.run.rawValue)
      let bad = try again.runs(RunQuery(statuses: [.failed])).map(\.run.rawValue)
      try expectEqual(good, kept, "the runs")
      try expectEqual(bad, kept.map { 5_000 + $0 }, "the runs that failed")
      let summaries = try again.summaries(RunQuery()).map { UInt64($0.count) }
      try expectEqual(summaries, kept, "the summaries")
      let decisions = try again.decisions(RunQuery()).map { UInt64($0.id.rawValue) }
      try expectEqual(decisions, kept, "the decisions")
    },
    ConformanceCase("each job keeps its newest runs, and its newest failed runs") {
      store, factory in
      try store.commit(.job(sampleJob(1, history: 2, failures: 3)), .job(sampleJob(2, "other")))
      for number in (1...10 as ClosedRange<UInt64>).outOfOrder {
        try store.commit(
          .ended(sampleRun(number, .succeeded, at: Int64(number))),
          .ended(sampleRun(100 + number, .timedOut, at: Int64(number))),
          .began(sampleRun(200 + number, .running, at: Int64(number))),
          .ended(sampleRun(300 + number, job: 2, at: Int64(number))))
      }
      try store.pruneAll()
      let (again, _) = try factory.reopen(store)
      func runs(_ status: RunStatus, _ job: Int64) throws -> [UInt64] {
        try again.runs(RunQuery(job: StoreKey(rawValue: job), statuses: [status])).map(
          \.run.rawValue)
      }
      try expectEqual(try runs(.succeeded, 1), [10, 9], "the runs that succeeded")
      try expectEqual(try runs(.timedOut, 1), [110, 109, 108], "the runs that failed")
      try expectEqual(try runs(.running, 1).count, 10, "the runs under way")
      try expectEqual(try runs(.succeeded, 2).count, 10, "the runs of the other job")
    },
    ConformanceCase("summaries have the bound of runs, and decisions the bound of failed runs") {
      store, _ in
      try store.commit(.job(sampleJob(1, history: 2, failures: 3)))
      for number: Int64 in 1...10 {
        try store.commit(
          .summary(sampleSummary(from: number, through: 30 - number)),
          .decision(sampleDecision(number, through: number % 2 == 0 ? 50 : 40)))
      }
      try store.pruneAll()
      let summaries = try store.summaries(RunQuery()).map(\.through)
      try expectEqual(summaries, [second(29), second(28)], "the summaries")
      let decisions = try store.decisions(RunQuery()).map(\.id.rawValue)
      try expectEqual(decisions, [10, 8, 6], "the decisions")
    },
    ConformanceCase("a smaller bound holds for rows that are already stored") { store, factory in
      try store.commit(
        [.job(sampleJob(1))] + (1...500).map { .ended(sampleRun($0, at: Int64($0))) },
        isDurable: false)
      try store.pruneAll()
      try expectEqual(try store.runs(RunQuery(limit: 1_000)).count, 100, "the runs at first")
      try store.commit(.job(sampleJob(1, history: 0, failures: 0)))
      try store.pruneAll()
      try expect(try store.runs(RunQuery()).isEmpty, "there are still runs")
      let (_, state) = try factory.reopen(store)
      try expectEqual(state.lastRun.rawValue, 500, "the last run, which is no longer stored")
    },
    ConformanceCase("a query has no more rows than its bytes, and at least one") { store, _ in
      var (run, query) = (sampleRun(1), RunQuery())
      run.result = .string(String(repeating: "x", count: 100_000))
      try store.commit(.job(sampleJob(1)), .ended(run), .ended(sampleRun(2, at: 1)))
      query.bytes = 0
      try expectEqual(try store.runs(query).map(\.run.rawValue), [1], "the runs")
    },
    ConformanceCase("pruning many rows ends after many steps") { store, _ in
      try store.commit([.job(sampleJob(1, history: 1))], isDurable: false)
      for start in stride(from: UInt64(0), to: 20_000, by: 1_000) {
        try store.commit(
          (1...1_000).map { .decision(sampleDecision(Int64(start + $0))) }
            + (1...1_000).map { .ended(sampleRun(start + $0, at: Int64(start + $0))) },
          isDurable: false)
      }
      try store.pruneAll()
      try expectEqual(try store.runs(RunQuery(limit: .max)).map(\.run.rawValue), [20_000], "runs")
      try expectEqual(try store.decisions(RunQuery(limit: .max)).count, 1_000, "decisions")
    },
  ]
}

extension ClosedRange<UInt64> {
  /// The numbers in another order, always the same.
  fileprivate var outOfOrder: [UInt64] {
    filter { $0 % 3 == 0 } + filter { $0 % 3 == 2 } + filter { $0 % 3 == 1 }.reversed()
  }
}
