import MoonwheelModel
import TimerWheel

/// Coroutines that wait for a deadline. A timer's payload is the index of a slot, with the highest bit set.
struct ParkTable {
  private struct Slot {
    var park: ParkID
    var timer: TimerID
  }

  private static let mark: UInt64 = 1 << 63

  private var slots: ContiguousArray<Slot?> = []
  private var free: [Int] = []
  private var slotOf: [ParkID: Int] = [:]

  var count: Int { slotOf.count }

  static func slot(of payload: UInt64) -> Int? {
    payload & mark == 0 ? nil : Int(payload & ~mark)
  }

  mutating func insert(_ park: ParkID, deadline: Tick, into wheel: inout TimerWheel) {
    let index = free.popLast() ?? slots.count
    if index == slots.count { slots.append(nil) }
    let timer = wheel.insert(deadline: deadline, payload: Self.mark | UInt64(index))
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
