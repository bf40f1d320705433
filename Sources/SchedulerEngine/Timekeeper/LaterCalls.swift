/// Calls that the host itself wants at an elapsed time. There are few, so they are not sorted.
struct LaterCalls {
  private var calls: [(at: Int64, isSweep: Bool, body: @Sendable () -> Void)] = []
  /// The elapsed time of the first call; the maximum if there is none.
  private(set) var next = Int64.max

  mutating func add(at elapsed: Int64, _ body: @escaping @Sendable () -> Void) {
    calls.append((elapsed, false, body))
    next = min(next, elapsed)
  }

  /// Adds the sweep of keys, in place of an earlier one.
  mutating func addSweep(at elapsed: Int64, _ body: @escaping @Sendable () -> Void) {
    calls.removeAll(where: \.isSweep)
    calls.append((elapsed, true, body))
    next = calls.map(\.at).min() ?? .max
  }

  /// Moves the calls that are due to `due`, earliest first.
  mutating func take(dueAt now: Int64, into due: inout [@Sendable () -> Void]) {
    guard now >= next else { return }
    due += calls.filter { $0.at <= now }.sorted { $0.at < $1.at }.map(\.body)
    calls.removeAll { $0.at <= now }
    next = calls.map(\.at).min() ?? .max
  }
}
