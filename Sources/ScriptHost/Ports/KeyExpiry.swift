import Synchronization
import Triggers

/// When the next key expires, as far as the host knows: never later than the first key does.
final class KeyExpiry: Sendable {
  private let next = Mutex<Timestamp?>(nil)

  /// Notes that a key expires at an instant. Returns whether that is earlier than what was known.
  func isEarlier(_ instant: Timestamp) -> Bool {
    next.withLock { next in
      guard next.map({ instant < $0 }) ?? true else { return false }
      next = instant
      return true
    }
  }

  /// Forgets what was known: a sweep finds the next one.
  func forget() { next.withLock { $0 = nil } }
}
