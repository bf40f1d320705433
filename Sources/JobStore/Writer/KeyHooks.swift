import MoonwheelModel
import Triggers

/// What the writer needs for commands on keys.
package struct KeyHooks: Sendable {
  /// The time by which keys expire.
  let now: @Sendable () -> Timestamp
  let limits: KeyLimits
  /// Called on the writer's thread after a commit, before those who wait have their answers.
  let onOutcome: @Sendable (KeyOutcome) -> Void

  package init(
    limits: KeyLimits = .standard, now: @escaping @Sendable () -> Timestamp,
    onOutcome: @escaping @Sendable (KeyOutcome) -> Void
  ) {
    self.limits = limits
    self.now = now
    self.onOutcome = onOutcome
  }
}
