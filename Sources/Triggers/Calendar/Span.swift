/// A set of wall times that filters other triggers.
enum Span: Equatable, Sendable {
  /// Whole days.
  case dates(DateSet)
  /// Seconds of each day, both included. A span whose end is before its start goes on past midnight.
  case daily(from: Int, through: Int)
  /// From one local second through another.
  case period(from: Int64, through: Int64)

  /// Whether a local time lies within.
  func contains(_ local: LocalTime, nanoseconds: Int64) -> Bool {
    switch self {
    case .dates(let dates): return dates.contains(local.dayNumber)
    case .daily(let from, let through):
      let second = local.secondOfDay
      let isBeforeEnd = second < through || second == through && nanoseconds == 0
      return from <= through ? second >= from && isBeforeEnd : second >= from || isBeforeEnd
    case .period(let from, let through):
      let second = local.secondsSince1970
      return second >= from && (second < through || second == through && nanoseconds == 0)
    }
  }

  /// A local second up to which everything from `local`, which is within, is certainly within.
  func end(from local: LocalTime) -> Int64 {
    let midnight = Int64(local.dayNumber) * 86400
    switch self {
    case .dates: return midnight + 86399
    case .daily(let from, let through):
      if from <= through || local.secondOfDay < from { return midnight + Int64(through) }
      return midnight + 86399
    case .period(_, let through): return through
    }
  }
}
