import MoonwheelModel
import Triggers

extension ConformanceCase {
  static let queryCases = [
    ConformanceCase("runs are found newest first by instant, then by run and attempt") { store, _ in
      try store.commit(
        .job(sampleJob(1)), .ended(sampleRun(5, at: 10)), .ended(sampleRun(9, at: 5)),
        .began(sampleRun(7, .running, at: 10)), .ended(sampleRun(5, attempt: 2, at: 10)),
        .ended(sampleRun(1, at: 30)))
      let runs = try store.runs(RunQuery()).map { [Int64($0.run.rawValue), Int64($0.attempt)] }
      try expectEqual(runs, [[1, 1], [7, 1], [5, 2], [5, 1], [9, 1]], "the runs")
      let few = try store.runs(RunQuery(limit: 2)).map(\.run.rawValue)
      try expectEqual(few, [1, 7], "the newest two")
      for limit in [0, -1, .min] {
        try expect(try store.runs(RunQuery(limit: limit)).isEmpty, "limit \(limit) finds runs")
        try expect(
          try store.summaries(RunQuery(limit: limit)).isEmpty, "limit \(limit) finds summaries")
        try expect(
          try store.decisions(RunQuery(limit: limit)).isEmpty, "limit \(limit) finds decisions")
      }
      try expectEqual(try store.runs(RunQuery(limit: .max)).count, 5, "all runs")
    },
    ConformanceCase("runs are found by each part of a query") { store, _ in
      let jobs = [
        sampleJob(1, "x"), sampleJob(2, "x", script: "b.lua"), sampleJob(3, "y", script: "b.lua"),
      ]
      try store.commit(jobs.map { .job($0) }, isDurable: false)
      for key: Int64 in 1...3 {
        let run = UInt64(key)
        try store.commit(
          .ended(sampleRun(run * 10, job: key, at: 10)),
          .ended(sampleRun(run * 10 + 1, job: key, .failed, at: 20)),
          .began(sampleRun(run * 10 + 2, job: key, .running, at: 30)))
      }
      func found(_ query: RunQuery) throws -> [UInt64] { try store.runs(query).map(\.run.rawValue) }
      try expectEqual(try found(RunQuery(job: StoreKey(rawValue: 2))), [22, 21, 20], "by job")
      try expect(try found(RunQuery(job: StoreKey(rawValue: 4))).isEmpty, "by another job")
      try expectEqual(try found(RunQuery(name: "x")), [22, 12, 21, 11, 20, 10], "by name")
      try expectEqual(
        try found(RunQuery(script: "b.lua", statuses: [.failed])), [31, 21], "by script and status")
      try expectEqual(try found(RunQuery(script: "b.lua", name: "x", limit: 1)), [22], "by both")
      try expect(
        try found(RunQuery(job: StoreKey(rawValue: 1), name: "y")).isEmpty, "by job and other name")
      try expectEqual(try found(RunQuery(run: Run.ID(rawValue: 11))), [11], "by run")
      try expectEqual(try found(RunQuery(statuses: [.running])), [32, 22, 12], "by status")
      try expectEqual(try found(RunQuery(since: second(30))), [32, 22, 12], "since an instant")
      try expectEqual(try found(RunQuery(through: second(10))), [30, 20, 10], "through an instant")
      try expectEqual(
        try found(RunQuery(name: "y", since: second(20), through: second(20))), [31], "by a range")
    },
    ConformanceCase("summaries and decisions are found if their time overlaps that of the query") {
      store, _ in
      try store.commit(.job(sampleJob(1)), .job(sampleJob(2, "other")))
      for (number, span) in [(10, 20), (15, 40), (30, 30), (21, 29)].enumerated() {
        let (from, through) = (Int64(span.0), Int64(span.1))
        try store.commit(
          .summary(sampleSummary(from: from, through: through)),
          .decision(sampleDecision(Int64(number) + 1, from: from, through: through)))
      }
      func found(_ query: RunQuery) throws -> [[Int64]] {
        let summaries = try store.summaries(query).map {
          second(0).distance(to: $0.from) / 1_000_000_000
        }
        return [summaries, try store.decisions(query).map(\.id.rawValue)]
      }
      try expectEqual(try found(RunQuery()), [[15, 30, 21, 10], [2, 3, 4, 1]], "newest first")
      let range = RunQuery(name: "job", since: second(20), through: second(29))
      try expectEqual(try found(range), [[15, 21, 10], [2, 4, 1]], "by a range")
      try expectEqual(try found(RunQuery(limit: 2)), [[15, 30], [2, 3]], "the newest two")
      try expectEqual(try found(RunQuery(name: "other")), [[], []], "by another name")
      try expectEqual(
        try found(RunQuery(run: Run.ID(rawValue: 1))), [[], [2, 3, 4, 1]], "by run")
      try expectEqual(try found(RunQuery(statuses: [.failed])), [[], []], "by status failed")
      let succeeded = RunQuery(statuses: [.succeeded])
      try expectEqual(try found(succeeded), [[15, 30, 21, 10], []], "by status succeeded")
    },
  ]
}
