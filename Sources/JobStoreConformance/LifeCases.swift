import MoonwheelModel

extension ConformanceCase {
  static let lifeCases = [
    ConformanceCase("a closed store refuses every call until it is loaded again") {
      store, factory in
      try store.commit(.job(sampleJob(1)))
      store.close()
      store.close()
      let codes = [
        errorCode { () throws(StoreError) in try store.commit([], isDurable: false) },
        errorCode { () throws(StoreError) in _ = try store.runs(RunQuery()) },
        errorCode { () throws(StoreError) in _ = try store.summaries(RunQuery()) },
        errorCode { () throws(StoreError) in _ = try store.decisions(RunQuery()) },
        errorCode { () throws(StoreError) in _ = try store.jobs(script: nil, name: nil) },
        errorCode { () throws(StoreError) in _ = try store.pendingRuns(of: .none) },
        errorCode { () throws(StoreError) in _ = try store.prune(at: second(0)) },
      ]
      try expect(codes.allSatisfy { $0 == .closed }, "the error codes are \(codes)")
      let (_, state) = try factory.open()
      try expectEqual(state.jobs, [sampleJob(1)], "the jobs")
    },
    ConformanceCase("a second load returns the present state") { store, _ in
      try store.commit(.job(sampleJob(1)), .pendingRun(samplePendingRun(3)), .seed(2))
      let state = try store.load()
      try expectEqual(state.jobs, [sampleJob(1)], "the jobs")
      try expectEqual(state.pendingRuns, [samplePendingRun(3)], "the pending runs")
      try expectEqual(state.lastRun.rawValue, 3, "the last run")
    },
    ConformanceCase("changes are made in their order, whether durable or not") { store, factory in
      for round: Int64 in 0..<50 {
        try store.commit(
          [
            .job(sampleJob(1, "\(round)")), .forget(StoreKey(rawValue: 1)), .job(sampleJob(1)),
            .state(StoreKey(rawValue: 1), .integer(round)), .pendingRun(samplePendingRun(1)),
            .pendingRunEnded(Run.ID(rawValue: 1)), .pendingRun(samplePendingRun(2)),
          ], isDurable: round % 3 == 0)
      }
      try store.commit([], isDurable: true)
      let (_, state) = try factory.reopen(store)
      try expectEqual(state.jobs, [sampleJob(1)], "the jobs")
      try expectEqual(state.states, [StoreKey(rawValue: 1): 49], "the states")
      try expectEqual(state.pendingRuns, [samplePendingRun(2)], "the pending runs")
    },
  ]
}
