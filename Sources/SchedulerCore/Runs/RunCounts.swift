import MoonwheelModel

/// How many attempts of runs have ended in each way. Hooks, and runs whose callback was not called, do not count.
package struct RunCounts: Sendable, Equatable {
  package private(set) var succeeded = 0
  /// Of all other ways.
  private var failed: [RunStatus: Int] = [:]

  package init() {}

  package var isEmpty: Bool { succeeded == 0 && failed.isEmpty }

  package subscript(status: RunStatus) -> Int {
    status == .succeeded ? succeeded : failed[status, default: 0]
  }

  @inline(__always)
  mutating func countSuccess() { succeeded += 1 }

  mutating func count(_ outcome: Run.Outcome) {
    switch outcome {
    case .succeeded, .cancelledJob: succeeded += 1
    case .declined, .misfired: break
    case .failed, .timedOut, .cancelled, .dropped, .evicted, .abandoned:
      failed[outcome.status, default: 0] += 1
    }
  }

  package mutating func add(_ other: RunCounts) {
    succeeded += other.succeeded
    failed.merge(other.failed) { $0 + $1 }
  }
}
