import Testing
import Triggers

@testable import JobStore
@testable import MoonwheelModel
@testable import SchedulerCore

/// A core with a store in memory that counts as durable. The host can be killed and started again.
final class StoreHarness {
  private(set) var store = MemoryJobStore()
  private(set) var host: CoreHarness
  /// The error of all writes; nil lets them succeed.
  var failure: StoreError?

  init() {
    host = CoreHarness(stored: store.load())
    attach()
  }

  private func attach() {
    host.commit = { [unowned self] writes in
      if failure == nil { try store.commit(writes.map(\.change), isDurable: true) }
      return failure
    }
  }

  /// Kills the host, and starts another after `down` nanoseconds with its wall clock set by `step`. The test must
  /// install the scripts again.
  func restart(after down: Int64 = 0, step: Int64 = 0) {
    let durations = host.durations
    let now = host.now + down
    host = CoreHarness(stored: store.load(), now: now, step: host.step + step)
    host.durations = durations
    attach()
  }

  func job(_ name: String) throws -> StoredJob? {
    try store.jobs(script: nil, name: name).first
  }

  func runs(_ name: String) throws -> [RunRecord] {
    try store.runs(RunQuery(name: name, limit: 1_000)).reversed()
  }

  /// The decisions about a job, oldest first, as `kind count: reason`.
  func decisions(_ name: String) throws -> [String] {
    try store.decisions(RunQuery(name: name, limit: 1_000)).reversed().map {
      "\($0.kind.rawValue) \($0.count): \($0.reason)"
    }
  }

  func pendingRuns(_ name: String) throws -> [PendingRun] {
    guard let key = try job(name)?.key else { return [] }
    return try store.pendingRuns(of: key)
  }
}
