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

  private struct Job: Hashable {
    var script: ScriptID
    var name: String
  }

  private var slots: ContiguousArray<Slot?> = []
  /// The slots of each job: a script may have many promises and cancel many jobs.
  private var slotsOfJob: [Job: Set<Int>] = [:]
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
    slotsOfJob[Job(script: script, name: name), default: []].insert(index)
    count += 1
    wallCount += pending.isRelative ? 0 : 1
  }

  /// Removes a slot whose timer has expired.
  mutating func expire(_ index: Int) -> Slot? {
    guard let slot = slots[index] else { return nil }
    slots[index] = nil
    let job = Job(script: slot.script, name: slot.name)
    slotsOfJob[job]?.remove(index)
    if slotsOfJob[job]?.isEmpty == true { slotsOfJob[job] = nil }
    free.append(index)
    count -= 1
    wallCount -= slot.isOnWallTime ? 1 : 0
    return slot
  }

  /// Gives all pending runs of a script to another one. `keys` has the new keys of jobs that were merged.
  mutating func move(
    from former: ScriptID, to script: ScriptID, _ keys: [StoreKey: StoreKey]
  ) {
    for job in slotsOfJob.keys.filter({ $0.script == former }) {
      let indices = slotsOfJob.removeValue(forKey: job) ?? []
      slotsOfJob[Job(script: script, name: job.name), default: []].formUnion(indices)
      for index in indices {
        slots[index]?.script = script
        if let key = slots[index].flatMap({ keys[$0.pending.job] }) {
          slots[index]?.pending.job = key
        }
      }
    }
  }

  /// The number of a script's pending runs that are not due.
  func count(of script: ScriptID) -> Int {
    slotsOfJob.reduce(0) { $0 + ($1.key.script == script ? $1.value.count : 0) }
  }

  /// Removes one pending run of a job; nil if the job has no such run here.
  mutating func remove(
    _ run: Run.ID, of script: ScriptID, _ name: String, in wheel: inout TimerWheel
  ) -> PendingRun? {
    guard let indices = slotsOfJob[Job(script: script, name: name)],
      let index = indices.first(where: { slots[$0]?.pending.run == run }),
      let slot = slots[index]
    else { return nil }
    _ = wheel.cancel(slot.timer)
    return expire(index)?.pending
  }

  /// Removes the pending runs of a job. Takes time for these alone.
  mutating func removeAll(
    of script: ScriptID, _ name: String, in wheel: inout TimerWheel
  ) -> [PendingRun] {
    (slotsOfJob[Job(script: script, name: name)] ?? []).sorted().compactMap { index in
      if let slot = slots[index] { _ = wheel.cancel(slot.timer) }
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
}
