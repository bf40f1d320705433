import Synchronization

/// A token bucket of the bytes that a script may log. Lines beyond it are left out, for a second at least, so that the
/// log does not fill with lines that say so.
///
/// The script's isolate and its private isolates share one.
final class OutputBudget: Sendable {
  private struct State: Sendable {
    var left: Double
    var last: Int64?
    var omitted = 0
    /// Elapsed time until which all lines are left out.
    var closedUntil = Int64.min
  }

  /// In nanoseconds.
  private static let closedTime: Int64 = 1_000_000_000

  private let perSecond: Double
  private let most: Double
  private let state: Mutex<State>

  init(_ configuration: Configuration) {
    perSecond = Double(configuration.outputPerSecond)
    most = Double(configuration.outputBurst)
    state = Mutex(State(left: most))
  }

  enum Answer: Equatable {
    case allowed
    /// The first allowed line after this many omitted ones.
    case allowedAgain(after: Int)
    /// The first omitted line.
    case firstOmitted
    /// Omitted, as the one before.
    case omitted
  }

  /// Takes bytes from the budget at an elapsed time.
  func spend(_ bytes: Int, at now: Int64) -> Answer {
    state.withLock { state in
      let elapsed = max(0, now - (state.last ?? now))
      state.left = min(most, state.left + Double(elapsed) / 1e9 * perSecond)
      state.last = now
      guard now >= state.closedUntil, state.left >= Double(bytes) else {
        if state.omitted == 0 { state.closedUntil = now.saturatingSum(Self.closedTime) }
        state.omitted += 1
        return state.omitted == 1 ? .firstOmitted : .omitted
      }
      state.left -= Double(bytes)
      defer { state.omitted = 0 }
      return state.omitted == 0 ? .allowed : .allowedAgain(after: state.omitted)
    }
  }
}

/// What a script may use in a time, over all of its isolates.
struct ScriptBudgets {
  let output: OutputBudget
  let scriptCalls = ScriptCallBudget()

  init(_ configuration: Configuration) { output = OutputBudget(configuration) }
}
