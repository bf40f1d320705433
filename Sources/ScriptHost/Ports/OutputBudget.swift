import Synchronization

/// How much a script may log: so many bytes at once, refilled with time. What goes beyond is left out, and said so once.
///
/// Shared by the state of the script and those of its runs that have their own.
final class OutputBudget: Sendable {
  private struct State: Sendable {
    var left: Double
    var last: Int64?
    var omitted = 0
  }

  private let perSecond: Double
  private let most: Double
  private let state: Mutex<State>

  init(_ configuration: Configuration) {
    perSecond = Double(configuration.outputPerSecond)
    most = Double(configuration.outputBurst)
    state = Mutex(State(left: most))
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
  func take(_ bytes: Int, at now: Int64) -> Answer {
    state.withLock { state in
      let elapsed = max(0, now - (state.last ?? now))
      state.left = min(most, state.left + Double(elapsed) / 1e9 * perSecond)
      state.last = now
      guard state.left >= Double(bytes) else {
        state.omitted += 1
        return state.omitted == 1 ? .stops : .omitted
      }
      state.left -= Double(bytes)
      defer { state.omitted = 0 }
      return state.omitted == 0 ? .goes : .goesAgain(after: state.omitted)
    }
  }
}
