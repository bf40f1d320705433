import MoonwheelModel

/// The option `priority`: which of the runs of one script that are due at once starts first.
extension SchedulerCore {
  /// True if ``advance(to:into:atMost:)`` ignores its limit.
  public var firesAllAtOnce: Bool { hasPriorities }

  /// Sorts by priority. The sort is stable.
  static func order(_ dispatches: inout [Dispatch], from first: Int) {
    guard dispatches[first...].contains(where: { $0.priority != 0 }) else { return }
    let sorted = dispatches[first...].enumerated().sorted {
      ($1.element.priority, $0.offset) < ($0.element.priority, $1.offset)
    }
    dispatches.replaceSubrange(first..., with: sorted.map(\.element))
  }

  mutating func updateHasPriorities(of index: JobIndex) {
    if jobs[index].priority != 0 { hasPriorities = true }
  }
}
