import SchedulerCore

extension ScriptIsolate {
  /// Tells the core something, on behalf of the script.
  func post(_ input: Input) {
    environment.inbox.post(input)
    notePosted()
  }

  /// To be called by the worker when it has posted inputs, or one that is as much work as so many.
  func notePosted(_ count: Int = 1) {
    let before = posted
    posted &+= UInt64(count)
    guard before / InputQuota.markerInterval != posted / InputQuota.markerInterval else { return }
    environment.inbox.postDeferred(.inputsTaken(inputQuota, self, upTo: posted))
  }

  /// Whether another input may be posted in this turn.
  var mayPost: Bool { inputsWaiting < InputQuota.most }

  private var inputsWaiting: UInt64 { inputQuota.waiting(of: posted) }

  /// Whether the isolate has no turn until the core has taken what it has posted; it is notified then.
  func awaitsRoom() -> Bool {
    guard inputsWaiting >= InputQuota.mostBetweenTurns else { return false }
    if inputQuota.await() { environment.inbox.post(.inputsTaken(inputQuota, self, upTo: posted)) }
    return inputsWaiting >= InputQuota.mostBetweenTurns
  }
}
