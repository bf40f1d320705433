import Metrics

/// The metrics of a durable store. The writer's thread records them once a commit, so they cost a fire nothing.
///
/// docs/durability.md lists the names.
package struct StoreMetrics: Sendable {
  private let degraded: Gauge
  private let backlog: Gauge
  private let dropped: Counter
  private let commits: Timer

  /// Records a store that works.
  package init(_ factory: any MetricsFactory) {
    degraded = Gauge(label: "moonwheel_store_degraded", factory: factory)
    backlog = Gauge(label: "moonwheel_store_backlog", factory: factory)
    dropped = Counter(label: "moonwheel_store_dropped_changes", factory: factory)
    commits = Timer(label: "moonwheel_store_commit", factory: factory)
    degraded.record(0)
    backlog.record(0)
  }

  /// Records one attempt to commit. `duration` is in nanoseconds.
  func record(_ result: CommitResult, duration: Int64, backlogCount: Int) {
    if result.failure == nil { commits.recordNanoseconds(duration) }
    degraded.record(result.failure == nil ? 0 : 1)
    backlog.record(backlogCount)
    if result.dropped > 0 { dropped.increment(by: result.dropped) }
  }
}
