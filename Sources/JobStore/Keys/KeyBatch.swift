import MoonwheelModel
import Triggers

/// Commands that a store does together, one after the other.
package struct KeyBatch: Sendable {
  package struct Item: Sendable {
    package var command: KeyCommand
    /// The script that asks; empty for the host.
    package var script: String
    /// The length of the chain of events that led to the command.
    package var depth: UInt8

    package init(_ command: KeyCommand, script: String = "", depth: UInt8 = 0) {
      self.command = command
      self.script = script
      self.depth = depth
    }
  }

  package var items: [Item]
  /// The present time, by which keys expire.
  package var now: Timestamp
  package var limits: KeyLimits

  package init(_ items: [Item], at now: Timestamp, limits: KeyLimits = .standard) {
    self.items = items
    self.now = now
    self.limits = limits
  }

  package var mayWrite: Bool { items.contains { $0.command.mayWrite } }
}

/// What became of a batch.
package struct KeyOutcome: Sendable {
  /// Of the first commands, in their order. If the answers are large, the store leaves the last commands undone.
  package var answers: [KeyAnswer] = []
  /// At most one of each key.
  package var changes: [KeyChange] = []
  /// No key expires earlier, of those that the batch has changed; after a sweep, of all keys.
  package var nextExpiry: Timestamp?
  /// A sweep has left something: there was too much for one step.
  package var hasMoreToSweep = false

  package init() {}
}
