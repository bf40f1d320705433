import MoonwheelModel

/// `cancel` of a handle and `return cancel`: the job ends, and stays ended over restarts until it is resumed or its
/// trigger changes.
extension SchedulerCore {
  mutating func cancel(_ index: JobIndex, into effects: inout Effects) {
    guard jobs[index].state != .cancelled else { return }
    unsubscribe(index, into: &effects)
    jobs[index].state = .cancelled
    disarm(index)
    jobs[index].isHeld = false
    writeStatus(index, into: &effects)
    dropWaiting(index, reason: "the job was cancelled", into: &effects)
    publish(.jobFinished, index, reason: "cancelled", into: &effects)
  }
}
