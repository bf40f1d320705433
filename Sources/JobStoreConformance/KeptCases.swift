import JobStore
import MoonwheelModel
import Triggers

/// What is kept beside the runs and of them: causes, inputs, versions of texts, and what is to be done after runs.
enum KeptCases {
  static let all = [
    ConformanceCase("a run keeps its cause, its input and the version of its texts") {
      store, factory in
      var fire = sampleRun(1)
      fire.cause = .fire
      fire.version = SourceVersion(rawValue: .max)
      var promise = sampleRun(2, at: 11)
      promise.cause = RunCause(.promise, by: "b.lua", of: Run.ID(rawValue: 1))
      promise.cause?.input = .arguments(sampleValue)
      var handler = sampleRun(3, at: 12)
      handler.cause = RunCause(.event, by: "host")
      handler.cause?.input = .event(
        Event(name: "a.b", payload: ["n": 1], source: "b.lua", depth: 4))
      var batch = sampleRun(4, at: 13)
      batch.cause = RunCause(.retry)
      batch.cause?.input = .events([Event(name: "a"), Event(name: "b", payload: [1, 2])])
      var large = sampleRun(5, .running, at: 14)
      large.cause = RunCause(.catchup)
      large.cause?.input = .cut(bytes: 70_000)
      try store.commit(
        .job(sampleJob(1)), .ended(fire), .began(promise), .ended(promise), .ended(handler),
        .ended(batch), .began(large))
      let (again, state) = try factory.reopen(store)
      let named = [large, batch, handler, promise, fire].map { $0.of(sampleJob(1)) }
      try expectEqual(try again.runs(RunQuery()), named, "the runs")
      try expectEqual(state.interrupted, [named[0]], "the run under way")
    },
    ConformanceCase("a promised run keeps who asked for it") { store, factory in
      var pending = samplePendingRun(3)
      pending.by = "b.lua"
      pending.of = Run.ID(rawValue: 1)
      try store.commit(.job(sampleJob(1)), .pendingRun(pending))
      let (_, state) = try factory.reopen(store)
      try expectEqual(state.pendingRuns, [pending], "the pending runs")
    },
    ConformanceCase("a run tells what has not ended, until that has, or the host is gone") {
      store, factory in
      try store.commit(
        .job(sampleJob(1)), .ended(sampleRun(1)),
        .ending(Run.ID(rawValue: 1), attempt: 1, "child 7"),
        .ended(sampleRun(2, at: 11)), .ending(Run.ID(rawValue: 2), attempt: 1, "child 8"),
        .ending(Run.ID(rawValue: 2), attempt: 1, nil),
        .ending(Run.ID(rawValue: 2), attempt: 2, "no such attempt"))
      try expectEqual(try store.runs(RunQuery()).map(\.ending), [nil, "child 7"], "the runs")
      _ = try store.load()
      try expectEqual(try store.runs(RunQuery()).map(\.ending), [nil, "child 7"], "a second load")
      let (again, _) = try factory.reopen(store)
      try expectEqual(try again.runs(RunQuery()).map(\.ending), [nil, nil], "the next host")
    },
    ConformanceCase("what is to be done after a run is kept until it is done") { store, factory in
      func request(_ id: Int64, _ payload: Value = .nil) -> AfterRunRequest {
        AfterRunRequest(
          id: id, script: "a.lua", run: Run.ID(rawValue: 7), kind: "toy.note", payload: payload,
          at: second(3))
      }
      try store.commit(
        .afterRun(request(2, sampleValue)), .afterRun(request(1)), .afterRun(request(3)),
        .afterRunDone(3), .afterRunDone(4), .afterRun(request(1, "new")))
      let (again, state) = try factory.reopen(store)
      try expectEqual(
        state.afterRuns, [request(1, "new"), request(2, sampleValue)], "the requests")
      try again.commit(.afterRunDone(1), .afterRunDone(2))
      let (_, next) = try factory.reopen(again)
      try expectEqual(next.afterRuns, [], "what is left")
    },
    ConformanceCase("changes that belong together are made in their order") { store, factory in
      let key = StoreKey(rawValue: 1)
      try store.commit(
        .together([
          .job(sampleJob(1)), .pendingRun(samplePendingRun(2)),
          .together([.state(key, 1), .state(key, 2), .ended(sampleRun(3))]), .seed(9),
        ]), .together([.pendingRunEnded(Run.ID(rawValue: 2))]), .together([]))
      let (again, state) = try factory.reopen(store)
      try expectEqual(state.states, [key: 2], "the states")
      try expectEqual(state.pendingRuns, [], "the pending runs")
      try expectEqual(state.lastRun.rawValue, 3, "the last run")
      try expectEqual(state.seed, 9, "the seed")
      try expectEqual(try again.runs(RunQuery()).map(\.run.rawValue), [3], "the runs")
    },
    ConformanceCase("the newest 20 versions of a script are kept, with what each registered") {
      store, factory in
      func version(_ number: UInt8) -> StoredSources {
        StoredSources(
          script: "a.lua", loadedAt: second(Int64(number)), text: [number],
          modules: [StoredSources.Module(name: "m", chunk: "@m.lua", text: [number / 2])],
          jobs: [["name": .integer(Int64(number)), "line": 3]])
      }
      for number: UInt8 in 1...25 { try store.commit(.sources(version(number))) }
      // Back to an older one, which becomes the newest.
      try store.commit(.sources(version(10)), .sources(sampleOther))
      let (again, _) = try factory.reopen(store)
      let numbers = [10] + (6...25).reversed().filter { $0 != 10 }.map { UInt8($0) }
      try expectEqual(
        try again.generations(of: "a.lua"),
        numbers.map {
          StoredGeneration(
            version: version($0).version, loadedAt: second(Int64($0)), isCurrent: $0 == 10)
        }, "the generations")
      try expectEqual(try again.sources(of: "a.lua"), version(10), "the last good version")
      try expectEqual(
        try again.sources(of: "a.lua", version(6).version), version(6), "the oldest version")
      try expectEqual(
        try again.sources(of: "a.lua", version(5).version), nil, "a version that is gone")
      try again.commit(.forgetSourcesOf("a.lua"))
      try expectEqual(try again.sources(of: "a.lua"), nil, "the version of a script that is gone")
      try expectEqual(
        try again.generations(of: "a.lua").map(\.isCurrent),
        Array(repeating: false, count: numbers.count), "its generations")
      try again.commit(.sources(version(10)))
      try expectEqual(
        try again.generations(of: "a.lua").first?.isCurrent, true, "a script that is back")
      try expectEqual(try again.generations(of: "b.lua").count, 1, "another script")
    },
  ]

  private static let sampleOther = StoredSources(
    script: "b.lua", loadedAt: second(1), text: [10])
}
