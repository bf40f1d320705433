/// When a wall time fires that a change of the clocks skips.
public enum Gap: String, Hashable, Sendable, CaseIterable {
  /// The first instant after the gap: 02:30 becomes 03:00.
  case after
  /// Later by the length of the gap: 02:30 becomes 03:30.
  case shift
  /// It does not fire.
  case skip
}

/// Which pass fires of a wall time that comes twice.
public enum Fold: String, Hashable, Sendable, CaseIterable {
  case first, last, both

  /// Which pass fires, in words.
  var words: String {
    switch self {
    case .first: "the first time only"
    case .last: "the second time only"
    case .both: "both times"
    }
  }
}

/// The policy for clock changes, resolved for one trigger.
struct ClockPolicy: Equatable, Sendable {
  var gap: Gap
  var fold: Fold

  static let fixed = ClockPolicy(gap: .after, fold: .first)
  static let wildcard = ClockPolicy(gap: .skip, fold: .both)
}
