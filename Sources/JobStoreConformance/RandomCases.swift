import JobStore
import MoonwheelModel
import Triggers

extension ConformanceCase {
  /// One fixed seed, and one that is new in each process.
  static let randomCases = [UInt64(1), UInt64.random(in: 2..<1_000_000_000)].map { seed in
    ConformanceCase("it agrees with a naive model, with seed \(seed)") { factory in
      var (store, _) = try factory.open()
      var model = NaiveStore()
      var story = RandomStory(seed: seed)
      for step in 1...400 {
        let changes = (0..<(story.chance(3) ? 12 : 3)).map { _ in story.change() }
        try store.commit(changes, isDurable: story.chance(8))
        for change in changes { model.apply(change) }
        if story.chance(10) {
          try store.pruneAll()
          model.prune(at: .distantFuture)
        }
        if story.chance(20) {
          try store.pruneAll()
          model.prune(at: .distantFuture)
          let (again, state) = try factory.reopen(store)
          try compare(state, model, step)
          store = again
        }
        try compare(store, model, story.query(), step)
      }
    }
  }

  private static func compare(_ state: StoredState, _ model: NaiveStore, _ step: Int) throws {
    let expected = model.state
    try expectEqual(state.jobs, expected.jobs, "step \(step), jobs")
    try expectEqual(state.states, expected.states, "step \(step), states")
    try expectEqual(state.pendingRuns, expected.pendingRuns, "step \(step), pending runs")
    let marks = [state.lastRun.rawValue, UInt64(state.lastKey.rawValue), state.seed ?? 0]
    let wanted = [expected.lastRun.rawValue, UInt64(expected.lastKey.rawValue), expected.seed ?? 0]
    try expectEqual(marks, wanted, "step \(step), marks")
    try expectEqual(state.lastDecision, expected.lastDecision, "step \(step), last decision")
    try expectEqual(state.handledThrough, expected.handledThrough, "step \(step), handled through")
    let interrupted = try model.runs(RunQuery(status: .running, limit: .max))
      .sorted { ($0.run, $0.attempt) < ($1.run, $1.attempt) }
    try expectEqual(state.interrupted, interrupted, "step \(step), runs under way")
  }

  private static func compare(
    _ store: any JobStore, _ model: NaiveStore, _ query: RunQuery, _ step: Int
  ) throws {
    let what = "step \(step), \(query)"
    try expectEqual(try store.runs(query), try model.runs(query), "runs, \(what)")
    try expectEqual(try store.summaries(query), try model.summaries(query), "summaries, \(what)")
    try expectEqual(try store.decisions(query), try model.decisions(query), "decisions, \(what)")
    for script in RandomStory.scripts {
      let version = model.versions.first { $0.script == script }
      try expectEqual(try store.sources(of: script), version, "sources, \(what)")
    }
    for key in 1...5 {
      let key = StoreKey(rawValue: Int64(key))
      let pendingRuns = model.state.pendingRuns.filter { $0.job == key }
      try expectEqual(try store.pendingRuns(of: key), pendingRuns, "pending runs, \(what)")
    }
  }
}
