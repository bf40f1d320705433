import MoonwheelModel
import Synchronization

/// The values of secrets that the scripts of a host were given, for the doors through which text leaves: the log
/// (``SecretLogHandler``), the store (``SecretStore``), and what others are told (the ends of runs and loads, events of the
/// host). A new way out belongs behind one of them, and into `LeakTests`.
package final class GivenSecrets: Sendable {
  private struct State {
    /// The newest last.
    var values: [[UInt8]] = []
    var mask: SecretMask?
  }

  /// Read without the lock, since most hosts have none.
  private let isUsed = Atomic<Bool>(false)
  private let state = Mutex(State())
  /// Beyond this the oldest are forgotten. A source may give another value with each call.
  private static let limit = 1_000

  package init() {}

  /// From now on the value is masked, before the script has it. One that is known costs a comparison.
  package func add(_ value: [UInt8]) {
    guard value.count >= SecretMask.shortest else { return }
    state.withLock { state in
      guard !state.values.contains(value) else { return }
      if state.values.count == Self.limit { state.values.removeFirst() }
      state.values.append(value)
      state.mask = SecretMask(state.values)
    }
    isUsed.store(true, ordering: .releasing)
  }

  /// Nil while no script has any.
  package var mask: SecretMask? {
    guard isUsed.load(ordering: .acquiring) else { return nil }
    return state.withLock { $0.mask }
  }

  package func masked(_ text: String) -> String { mask?.masked(text) ?? text }
  package func masked(_ value: Value) -> Value { mask?.masked(value) ?? value }
  func masked(_ outcome: Run.Outcome) -> Run.Outcome { mask?.masked(outcome) ?? outcome }
}
