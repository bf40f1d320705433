/// How much a script may log: so many bytes at once, refilled with time. What goes beyond is left out, and said so once.
struct OutputBudget {
  private let perSecond: Double
  private let most: Double
  private var left: Double
  private var last: Int64?
  private var omitted = 0

  init(_ configuration: Configuration) {
    perSecond = Double(configuration.outputPerSecond)
    most = Double(configuration.outputBurst)
    left = most
  }

  enum Answer: Equatable {
    case goes
    /// Goes, after so many lines that did not.
    case goesAgain(after: Int)
    /// The first that does not go.
    case stops
    case omitted
  }

  /// Asks for so many bytes, at a monotonic time.
  mutating func take(_ bytes: Int, at now: Int64) -> Answer {
    left = min(most, left + Double(now - (last ?? now)) / 1e9 * perSecond)
    last = now
    guard left >= Double(bytes) else {
      omitted += 1
      return omitted == 1 ? .stops : .omitted
    }
    left -= Double(bytes)
    defer { omitted = 0 }
    return omitted == 0 ? .goes : .goesAgain(after: omitted)
  }
}
