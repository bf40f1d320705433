import MoonwheelModel

/// How many attempts of runs have ended in each way. Hooks, and runs whose callback was not called, do not count.
package struct RunCounts: Sendable, Equatable {
  private var succeeded = 0
  /// Of all other ways.
  private var failed: [RunStatus: Int] = [:]

  package init() {}

  package subscript(status: RunStatus) -> Int {
    status == .succeeded ? succeeded : failed[status, default: 0]
  }

  package mutating func count(_ ends: borrowing RunEnds) {
    for index in ends.entries.indices where !ends.entries[index].isOpen {
      guard ends.dispatches[ends.first + index].extras?.content.hook == nil else { continue }
      guard let outcome = ends.ending(index)?.content.outcome else {
        succeeded += 1
        continue
      }
      switch outcome {
      case .succeeded, .cancelledJob: succeeded += 1
      case .declined, .misfired: continue
      case .failed, .timedOut, .cancelled, .dropped, .evicted, .abandoned:
        failed[outcome.status, default: 0] += 1
      }
    }
  }
}
