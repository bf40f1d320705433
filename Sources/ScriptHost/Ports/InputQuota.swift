import SchedulerCore
import Synchronization

/// Bounds the inputs of one isolate that wait in the inbox, so that no script can occupy the core or fill memory. The
/// worker counts posted inputs; the thread that steps the core counts read ones.
package final class InputQuota: Sendable {
  /// With this many waiting, the isolate has no turn until the core has read them: less than 10 ms of work.
  static let limitBetweenTurns: UInt64 = 1_024
  /// With this many waiting, calls that would post another input are refused.
  static let limit: UInt64 = 65_536
  /// The worker posts one marker per this many inputs; the core reports its progress when it reads a marker.
  static let markerInterval: UInt64 = 256

  private let taken = Atomic<UInt64>(0)
  private let isAwaited = Atomic<Bool>(false)

  /// How many of the first `posted` inputs the core has not read.
  func waiting(of posted: UInt64) -> UInt64 { posted &- taken.load(ordering: .acquiring) }

  /// Asks for a notification when the core has read more. False if it was asked before and has not come yet.
  func await() -> Bool { !isAwaited.exchange(true, ordering: .sequentiallyConsistent) }

  /// The thread that steps the core has read the first `count` inputs. Returns whether the isolate waits for that.
  package func advance(to count: UInt64) -> Bool {
    taken.store(count, ordering: .releasing)
    return isAwaited.exchange(false, ordering: .sequentiallyConsistent)
  }
}
