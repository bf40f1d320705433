import Metrics

/// How a durable store fares, as metrics: told by the writer's thread once a commit, so that they cost a fire nothing.
/// The names are listed in docs/durability.md.
package struct StoreMetrics: Sendable {
  private let degraded: Gauge
  private let backlog: Gauge
  private let dropped: Counter
  private let commits: Timer

  /// Tells of a store that works.
  package init(_ factory: any MetricsFactory) {
    degraded = Gauge(label: "moonwheel_store_degraded", factory: factory)
    backlog = Gauge(label: "moonwheel_store_backlog", factory: factory)
    dropped = Counter(label: "moonwheel_store_dropped_changes", factory: factory)
    commits = Timer(label: "moonwheel_store_commit", factory: factory)
    degraded.record(0)
    backlog.record(0)
  }

  /// A commit was tried. `duration` is in nanoseconds.
  func tried(for duration: Int64, _ result: WriterLoop.Result, waiting: Int) {
    if result.failure == nil { commits.recordNanoseconds(duration) }
    degraded.record(result.failure == nil ? 0 : 1)
    backlog.record(waiting)
    if result.dropped > 0 { dropped.increment(by: result.dropped) }
  }
}
