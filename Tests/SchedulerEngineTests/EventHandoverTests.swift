import MoonwheelModel
import SchedulerEngine
import TestSupport
import Testing
import Triggers
import WorkerPool

@testable import SchedulerCore

@Suite struct EventHandoverTests {
  private static func event(_ number: Int) -> LeasedEvent {
    LeasedEvent(
      run: Run.ID(rawValue: UInt64(number)), event: Event(name: "e"), at: Timestamp(seconds: 0))
  }

  private static func numbers(_ events: some Sequence<LeasedEvent>) -> [Int] {
    events.map { Int($0.run.rawValue) }
  }

  @Test(arguments: 0..<20) func `a lease does what a list would do`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let lease = LockedEventLease()
    var list: [Int] = []
    var room = 0
    var isOpen = false
    for number in 0..<500 {
      switch random.next(in: 0...9) {
      case 0:
        room = random.next(in: 0...8)
        lease.open(room: room)
        (list, isOpen) = ([], true)
      case 1:
        #expect(EventHandoverTests.numbers(lease.close()) == (isOpen ? list : []))
        (list, isOpen) = ([], false)
      case 2...5:
        let isTaken = isOpen && room > 0
        #expect(lease.append(EventHandoverTests.event(number)) == isTaken)
        if isTaken {
          list.append(number)
          room -= 1
        }
      default:
        let next = isOpen && !list.isEmpty ? list.removeFirst() : nil
        #expect(lease.next().map { Int($0.run.rawValue) } == next)
        if next == nil { isOpen = false }
      }
      #expect(lease.count == list.count)
    }
  }

  @Test func `while one thread fills a lease and one empties it, each event begins once, in order`()
    throws
  {
    let lease = LockedEventLease()
    let count = 20_000
    let begun = Condition<(events: [Int], isAtEnd: Bool)>(([], false))
    lease.open(room: count)
    let worker = try OSThread(name: "worker") {
      var events: [Int] = []
      while events.count < count {
        if let next = lease.next() {
          events.append(Int(next.run.rawValue))
        } else {
          lease.open(room: count)
        }
      }
      begun.withLock { $0 = (events, true) }
      begun.signal()
    }
    for number in 0..<count {
      while !lease.append(EventHandoverTests.event(number)) {}
    }
    begun.wait(while: { !$0.isAtEnd })
    worker.join()
    #expect(begun.withLock { $0.events } == Array(0..<count))
  }
}
