/// How many scripts a host serves, and how many do not load.
package struct ScriptCounts: Sendable, Equatable {
  /// Scripts with a version that serves.
  package var served = 0
  /// The jobs that these have registered while they loaded.
  package var jobs = 0
  /// Scripts whose newest text does not load.
  package var failing = 0
  /// Those of them whose last good version serves.
  package var lastGood = 0

  package init() {}
}

extension ScriptCatalog {
  package var counts: ScriptCounts {
    state.withLock { state in
      state.scripts.values.reduce(into: ScriptCounts()) { counts, script in
        let serves = script.text != nil
        if serves {
          counts.served += 1
          counts.jobs += script.jobs
        }
        guard script.failing != nil else { return }
        counts.failing += 1
        if serves { counts.lastGood += 1 }
      }
    }
  }
}
