import MoonwheelModel
import TimerWheel

/// Coroutines that wait for a deadline. The payload of a timer is the index of a slot.
struct ParkTable {
  private struct Slot {
    var park: ParkID
    var timer: TimerID
  }

  private var slots: ContiguousArray<Slot?> = []
  private var free: [Int] = []
  private var slotOf: [ParkID: Int] = [:]

  var count: Int { slotOf.count }

  mutating func insert(_ park: ParkID, deadline: Tick, into wheel: inout TimerWheel) {
    let index = free.popLast() ?? slots.count
    if index == slots.count { slots.append(nil) }
    let timer = wheel.insert(deadline: deadline, .park(index))
    slots[index] = Slot(park: park, timer: timer)
    slotOf[park] = index
  }

  mutating func cancel(_ park: ParkID, in wheel: inout TimerWheel) {
    guard let index = slotOf.removeValue(forKey: park), let slot = slots[index] else { return }
    _ = wheel.cancel(slot.timer)
    slots[index] = nil
    free.append(index)
  }

  mutating func expire(_ index: Int) -> ParkID? {
    guard let slot = slots[index] else { return nil }
    slotOf.removeValue(forKey: slot.park)
    slots[index] = nil
    free.append(index)
    return slot.park
  }
}
