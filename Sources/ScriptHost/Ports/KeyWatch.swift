import MoonwheelModel
import Synchronization

/// Which handlers have an event about a key that they have not finished with.
///
/// A handler has at most one such event of each key. Changes that come meanwhile are told as one when that event is gone,
/// so a key that changes often fills no handler's queue, and the last change is always told. The event itself notices
/// when its last copy is gone (``KeyEventHold``), so this holds for every way in which an event can end.
final class KeyWatch: Sendable {
  struct Slot: Hashable {
    let handler: JobID
    let name: KeyName
  }

  /// By slot, the newest change that the handler has not been told of; nil if it knows all.
  private let untold = Mutex<[Slot: KeyChange?]>([:])

  /// Returns whether the handler may be told now; else it is told when its present event is gone.
  func begin(_ slot: Slot, _ change: KeyChange) -> Bool {
    untold.withLock { untold in
      guard let earlier = untold[slot] else {
        untold[slot] = .some(nil)
        return true
      }
      untold[slot] = earlier.map { change.after($0) } ?? change
      return false
    }
  }

  /// The handler's event is gone. Returns what it has to be told next.
  func end(_ slot: Slot) -> KeyChange? {
    untold.withLock { $0.removeValue(forKey: slot) ?? nil }
  }

  /// How many events are under way. For tests.
  var count: Int { untold.withLock { $0.count } }
}

/// Tells when the last copy of an event is gone.
final class KeyEventHold: Sendable {
  private let onEnd: @Sendable () -> Void

  init(_ onEnd: @escaping @Sendable () -> Void) { self.onEnd = onEnd }

  deinit { onEnd() }
}
