/// What the host itself wants to do at a time: little, and rarely.
struct LaterCalls {
  private var calls: [(at: Int64, body: @Sendable () -> Void)] = []
  /// Elapsed time of the first; the maximum where there is none.
  private(set) var next = Int64.max

  mutating func add(at elapsed: Int64, _ body: @escaping @Sendable () -> Void) {
    calls.append((elapsed, body))
    next = min(next, elapsed)
  }

  mutating func take(dueAt now: Int64, into due: inout [@Sendable () -> Void]) {
    guard now >= next else { return }
    due += calls.filter { $0.at <= now }.sorted { $0.at < $1.at }.map(\.body)
    calls.removeAll { $0.at <= now }
    next = calls.map(\.at).min() ?? .max
  }
}
