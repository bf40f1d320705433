import SchedulerCore
import Synchronization

/// How many inputs of one isolate wait in the inbox: counted by its worker as it posts them, and by who is in the
/// timekeeper's seat as they are taken. So no script can make the core do more for it than for others, or fill memory with
/// what the core has not looked at.
package final class InputQuota: Sendable {
  /// From so many on the isolate has no turn until they have been taken: less than 10 ms of work for the core.
  static let mostBetweenTurns: UInt64 = 1_024
  /// So many in one turn, and calls that post more are refused.
  static let most: UInt64 = 65_536
  /// After so many a marker is posted, which tells how far the core has come.
  static let markerInterval: UInt64 = 256

  private let taken = Atomic<UInt64>(0)
  private let isAwaited = Atomic<Bool>(false)

  /// How many of so many inputs the core has not taken.
  func waiting(of posted: UInt64) -> UInt64 { posted &- taken.load(ordering: .acquiring) }

  /// Asks to be told when the core has taken more. False where somebody has asked already.
  func await() -> Bool { !isAwaited.exchange(true, ordering: .sequentiallyConsistent) }

  /// The thread that steps the core has taken so many inputs. Returns whether the isolate waits for that.
  package func advance(to count: UInt64) -> Bool {
    taken.store(count, ordering: .releasing)
    return isAwaited.exchange(false, ordering: .sequentiallyConsistent)
  }
}
