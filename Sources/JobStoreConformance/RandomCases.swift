import JobStore
import MoonwheelModel

extension ConformanceCase {
  /// One fixed seed, and one that is new in each process. The reference is the store in memory, whose own tests compare
  /// it with a naive model.
  static let randomCases = [UInt64(1), UInt64.random(in: 2..<1_000_000_000)].map { seed in
    agreement(seed: seed) { MemoryJobStore(historyLimit: .max, historyBytes: .max) }
  }

  /// Random changes of two stores, which must answer alike.
  package static func agreement(
    seed: UInt64, with reference: @escaping @Sendable () -> any JobStore
  ) -> ConformanceCase {
    ConformanceCase("it agrees with a reference, with seed \(seed)") { first, factory in
      var store = first
      let reference = reference()
      _ = try reference.load()
      var story = RandomStory(seed: seed)
      for step in 1...400 {
        let changes = (0..<(story.chance(3) ? 12 : 3)).map { _ in story.change() }
        let isDurable = story.chance(8)
        let isReopened = story.chance(20)
        let isPruned = isReopened || story.chance(10)
        for store in [store, reference] {
          try store.commit(changes, isDurable: isDurable)
          if isPruned { try store.pruneAll() }
        }
        if isReopened {
          let (again, state) = try factory.reopen(store)
          reference.close()
          try Agreement.compare(state, try reference.load(), step)
          store = again
        }
        try Agreement.compare(store, reference, story.query(), step)
      }
    }
  }
}

/// Compares two stores.
private enum Agreement {
  static func compare(
    _ state: StoredState, _ expected: StoredState, _ step: Int
  ) throws {
    try expectEqual(state.jobs, expected.jobs, "step \(step), jobs")
    try expectEqual(state.states, expected.states, "step \(step), states")
    try expectEqual(state.pendingRuns, expected.pendingRuns, "step \(step), pending runs")
    try expectEqual(state.interrupted, expected.interrupted, "step \(step), runs under way")
    try expectEqual(state.afterRuns, expected.afterRuns, "step \(step), requests after runs")
    let marks = [state.lastRun.rawValue, UInt64(state.lastKey.rawValue), state.seed ?? 0]
    let wanted = [expected.lastRun.rawValue, UInt64(expected.lastKey.rawValue), expected.seed ?? 0]
    try expectEqual(marks, wanted, "step \(step), marks")
    try expectEqual(state.lastDecision, expected.lastDecision, "step \(step), last decision")
    try expectEqual(state.handledThrough, expected.handledThrough, "step \(step), handled through")
  }

  static func compare(
    _ store: any JobStore, _ reference: any JobStore, _ query: RunQuery, _ step: Int
  ) throws {
    let what = "step \(step), \(query)"
    try expectEqual(try store.runs(query), try reference.runs(query), "runs, \(what)")
    try expectEqual(
      try store.summaries(query), try reference.summaries(query), "summaries, \(what)")
    try expectEqual(
      try store.decisions(query), try reference.decisions(query), "decisions, \(what)")
    for script in RandomStory.scripts {
      try expectEqual(
        try store.sources(of: script), try reference.sources(of: script), "sources, \(what)")
      let generations = try store.generations(of: script)
      try expectEqual(generations, try reference.generations(of: script), "generations, \(what)")
      guard let oldest = generations.last?.version else { continue }
      try expectEqual(
        try store.sources(of: script, oldest), try reference.sources(of: script, oldest),
        "the oldest sources, \(what)")
    }
    for key in (1...5).map(StoreKey.init(rawValue:)) {
      try expectEqual(
        try store.pendingRuns(of: key), try reference.pendingRuns(of: key), "pending runs, \(what)")
    }
  }
}
