import SchedulerCore
import Synchronization

/// How many inputs of one isolate wait in the inbox: counted by its worker as it posts them, and by who is in the
/// timekeeper's seat as they are taken. So no script can make the core do more for it than for others, or fill memory with
/// what the core has not looked at.
final class InputQuota: Sendable {
  /// From so many on the isolate has no turn until they have been taken: less than 10 ms of work for the core.
  static let mostBetweenTurns: UInt64 = 1_024
  /// So many in one turn, and calls that post more are refused.
  static let most: UInt64 = 65_536
  /// After so many a marker is posted, which tells how far the core has come.
  fileprivate static let markerInterval: UInt64 = 256

  fileprivate let taken = Atomic<UInt64>(0)
  fileprivate let isAwaited = Atomic<Bool>(false)
}

extension ScriptIsolate {
  /// Tells the core something, on behalf of the script.
  func post(_ input: Input) {
    engine.inbox.post(input)
    notePosted()
  }

  /// To be called by the worker when it has posted inputs, or one that is as much work as so many.
  func notePosted(_ count: Int = 1) {
    let before = posted
    posted &+= UInt64(count)
    guard before / InputQuota.markerInterval != posted / InputQuota.markerInterval else { return }
    engine.inbox.postDeferred(.taken(self, upTo: posted))
  }

  /// Whether another input may be posted in this turn.
  var mayPost: Bool { inputsWaiting < InputQuota.most }

  private var inputsWaiting: UInt64 {
    posted &- inputQuota.taken.load(ordering: .acquiring)
  }

  /// Whether the isolate has no turn until the core has taken what it has posted; it is notified then.
  func awaitsRoom() -> Bool {
    guard inputsWaiting >= InputQuota.mostBetweenTurns else { return false }
    if !inputQuota.isAwaited.exchange(true, ordering: .sequentiallyConsistent) {
      engine.inbox.post(.taken(self, upTo: posted))
    }
    return inputsWaiting >= InputQuota.mostBetweenTurns
  }

  /// The core has taken so many of its inputs; from the timekeeper's seat.
  func noteTaken(upTo count: UInt64) {
    inputQuota.taken.store(count, ordering: .releasing)
    if inputQuota.isAwaited.exchange(false, ordering: .sequentiallyConsistent) {
      engine.pool.notify(self)
    }
  }
}
