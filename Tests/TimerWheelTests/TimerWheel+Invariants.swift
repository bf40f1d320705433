@testable import TimerWheel

extension TimerWheel {
  /// Traps if the wheel's state is inconsistent. O(capacity).
  func checkInvariants() {
    precondition(cursor <= now.rawValue, "the cursor \(cursor) is after \(now)")
    var accounted = [Bool](repeating: false, count: slab.used)
    for level in 0..<Slot.levels {
      for digit in 0..<64 {
        checkList(of: Slot(level: level, digit: digit), &accounted)
      }
      let isOccupied = occupiedLevels >> UInt32(level) & 1 == 1
      precondition(isOccupied == (self[occupiedSlotsOf: level] != 0), "level \(level): wrong bit")
    }
    let listed = accounted.count { $0 } - Slot.count
    precondition(listed == count, "\(listed) timers in the lists, \(count) counted")
    checkUnlisted(&accounted)
  }

  private func checkList(of slot: Slot, _ accounted: inout [Bool]) {
    let ends = slab[linksOf: slot.sentinel]
    let bound = slab[slot.sentinel].deadline
    let isOccupied = self[occupiedSlotsOf: slot.level] >> UInt64(slot.digit) & 1 == 1
    precondition(isOccupied == (ends.next != slot.sentinel), "\(slot): wrong bit")
    precondition(isOccupied || bound == .max, "\(slot): empty, with a bound")
    accounted[Int(slot.sentinel)] = true
    var previous = slot.sentinel
    var index = ends.next
    while index != slot.sentinel {
      let entry = slab[index]
      let links = slab[linksOf: index]
      precondition(!accounted[Int(index)], "\(slot): \(index) is listed twice")
      accounted[Int(index)] = true
      precondition(links.previous == previous, "\(slot): \(index) has a wrong backward link")
      precondition(entry.generation != 0, "\(slot): \(index) is retired")
      precondition(entry.deadline >= bound, "\(slot): \(index) is before the bound")
      precondition(entry.deadline >= cursor, "\(slot): \(index) is before the cursor")
      let right = Slot(for: entry.deadline, from: cursor)
      precondition(right.sentinel == slot.sentinel, "\(slot): \(index) belongs in \(right)")
      previous = index
      index = links.next
    }
    precondition(ends.previous == previous, "\(slot): the list does not end at its end")
  }

  /// A place that is in no list must be free or retired.
  private func checkUnlisted(_ accounted: inout [Bool]) {
    for place in slab.freePlaces {
      precondition(!accounted[Int(place)], "the free place \(place) is in use")
      precondition(slab[place].generation != 0, "the free place \(place) is retired")
      accounted[Int(place)] = true
    }
    for index in accounted.indices where !accounted[index] {
      precondition(slab[UInt32(index)].generation == 0, "the place \(index) is lost")
    }
  }
}

extension EntrySlab {
  /// The free places in the order of their list.
  fileprivate var freePlaces: [UInt32] {
    var places: [UInt32] = []
    var index = firstFree
    while index != 0, places.count <= used {
      places.append(index)
      index = self[linksOf: index].next
    }
    return places
  }
}
