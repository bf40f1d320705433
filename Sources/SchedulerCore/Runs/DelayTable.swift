import MoonwheelModel
import TimerWheel
import Triggers

/// Pending runs that are not due. The payload of a timer is the index of a slot.
struct DelayTable {
  struct Slot {
    var pending: PendingRun
    var script: ScriptID
    var name: String
    var timer: TimerID

    /// True if the run is due at a wall time, false if it is due at an elapsed time.
    var isOnWallTime: Bool { !pending.isRelative }
  }

  private var slots: ContiguousArray<Slot?> = []
  private var free: [Int] = []
  private(set) var count = 0
  private(set) var wallCount = 0

  mutating func insert(
    _ pending: PendingRun, of script: ScriptID, named name: String, deadline: Tick,
    into wheel: inout TimerWheel
  ) {
    let index = free.popLast() ?? slots.count
    if index == slots.count { slots.append(nil) }
    let timer = wheel.insert(deadline: deadline, .delay(index))
    slots[index] = Slot(pending: pending, script: script, name: name, timer: timer)
    count += 1
    wallCount += pending.isRelative ? 0 : 1
  }

  /// Removes a slot whose timer has expired.
  mutating func expire(_ index: Int) -> Slot? {
    guard let slot = slots[index] else { return nil }
    slots[index] = nil
    free.append(index)
    count -= 1
    wallCount -= slot.isOnWallTime ? 1 : 0
    return slot
  }

  /// Gives all pending runs of a script to another one. `keys` has the new keys of jobs that were merged.
  mutating func move(
    from former: ScriptID, to script: ScriptID, _ keys: [StoreKey: StoreKey]
  ) {
    for index in slots.indices where slots[index]?.script == former {
      slots[index]?.script = script
      if let key = slots[index].flatMap({ keys[$0.pending.job] }) {
        slots[index]?.pending.job = key
      }
    }
  }

  /// The number of a script's pending runs that are not due.
  func count(of script: ScriptID) -> Int { slots.count { $0?.script == script } }

  /// Removes the pending runs of a job.
  mutating func removeAll(
    of script: ScriptID, _ name: String, in wheel: inout TimerWheel
  ) -> [PendingRun] {
    slots.indices.compactMap { index in
      guard let slot = slots[index], slot.script == script, slot.name == name else { return nil }
      _ = wheel.cancel(slot.timer)
      return expire(index)?.pending
    }
  }

  /// Sets the timers of runs that are due at a wall time again, after the wall clock was set.
  func reschedule(in wheel: inout TimerWheel, deadline: (Timestamp) -> Tick) {
    for case let slot? in slots where slot.isOnWallTime {
      _ = wheel.reschedule(slot.timer, to: deadline(slot.pending.dueAt))
    }
  }

  /// Moves the wall time of runs that are due at an elapsed time, after the wall clock was set. Returns these runs.
  mutating func shift(by step: Int64) -> [PendingRun] {
    var shifted: [PendingRun] = []
    for index in slots.indices {
      guard var pending = slots[index]?.pending, pending.isRelative else { continue }
      pending.dueAt = pending.dueAt.advanced(by: step)
      slots[index]?.pending = pending
      shifted.append(pending)
    }
    return shifted
  }

  /// The number of a job's pending runs that are not due.
  func count(of script: ScriptID, named name: String) -> Int {
    slots.count { $0.map { $0.script == script && $0.name == name } ?? false }
  }
}
