import SchedulerCore

extension ScriptIsolate {
  /// Posts an input to the core and counts it for the quota of this script.
  func post(_ input: Input) {
    environment.inbox.post(input)
    countPosted()
  }

  /// Counts posted inputs; an input that is as much work for the core as several counts as several.
  func countPosted(_ count: Int = 1) {
    let before = posted
    posted &+= UInt64(count)
    guard before / InputQuota.markerInterval != posted / InputQuota.markerInterval else { return }
    environment.inbox.postDeferred(.inputsTaken(inputQuota, self, upTo: posted))
  }

  /// Whether the script may post another input in this turn.
  var mayPost: Bool { inputsWaiting < InputQuota.limit }

  private var inputsWaiting: UInt64 { inputQuota.waiting(of: posted) }

  /// Whether the isolate must wait until the core has read its inputs. The thread that reads them notifies the isolate.
  func awaitsRoom() -> Bool {
    guard inputsWaiting >= InputQuota.limitBetweenTurns else { return false }
    if inputQuota.await() { environment.inbox.post(.inputsTaken(inputQuota, self, upTo: posted)) }
    return inputsWaiting >= InputQuota.limitBetweenTurns
  }
}
