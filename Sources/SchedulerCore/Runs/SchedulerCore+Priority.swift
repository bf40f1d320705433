import MoonwheelModel

/// The option `priority`: which of the runs of one script that are due at once starts first.
extension SchedulerCore {
  /// True if ``advance(to:into:atMost:)`` ignores its limit.
  public var firesAllAtOnce: Bool { hasPriorities }

  mutating func updateHasPriorities(of index: JobIndex) {
    if jobs[index].priority != 0 { hasPriorities = true }
  }
}

extension [Dispatch] {
  /// Sorts by priority. The sort is stable.
  mutating func orderByPriority(from first: Int) {
    guard self[first...].contains(where: { $0.priority != 0 }) else { return }
    let sorted = self[first...].enumerated().sorted {
      ($1.element.priority, $0.offset) < ($0.element.priority, $1.offset)
    }
    replaceSubrange(first..., with: sorted.map(\.element))
  }
}
