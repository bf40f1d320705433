import TimerWheel
import Triggers

/// Promised runs that are not due: slots named by the timers' payloads, with the second highest bit set.
struct DelayTable {
  struct Slot {
    var promise: StoredPromise
    var script: ScriptID
    var name: String
    /// Due at a wall time, whatever happens to the clock; else after an elapsed time.
    var isOnWallTime: Bool
    var timer: TimerID
  }

  private static let mark: UInt64 = 1 << 62

  private var slots: ContiguousArray<Slot?> = []
  private var free: [Int] = []
  private(set) var count = 0
  private(set) var wallCount = 0

  static func slot(of payload: UInt64) -> Int? {
    payload & mark == 0 ? nil : Int(payload & ~mark)
  }

  mutating func insert(
    _ promise: StoredPromise, of script: ScriptID, named name: String, isOnWallTime: Bool,
    deadline: Tick, into wheel: inout TimerWheel
  ) {
    let index = free.popLast() ?? slots.count
    if index == slots.count { slots.append(nil) }
    let timer = wheel.insert(deadline: deadline, payload: Self.mark | UInt64(index))
    slots[index] = Slot(
      promise: promise, script: script, name: name, isOnWallTime: isOnWallTime, timer: timer)
    count += 1
    wallCount += isOnWallTime ? 1 : 0
  }

  /// Takes out what is due.
  mutating func expire(_ index: Int) -> Slot? {
    guard let slot = slots[index] else { return nil }
    slots[index] = nil
    free.append(index)
    count -= 1
    wallCount -= slot.isOnWallTime ? 1 : 0
    return slot
  }

  /// The wall clock was set.
  func reschedule(in wheel: inout TimerWheel, deadline: (Timestamp) -> Tick) {
    for case let slot? in slots where slot.isOnWallTime {
      _ = wheel.reschedule(slot.timer, to: deadline(slot.promise.dueAt))
    }
  }

  /// How many of a job's promises wait for their time.
  func count(of script: ScriptID, named name: String) -> Int {
    slots.count { $0.map { $0.script == script && $0.name == name } ?? false }
  }
}
