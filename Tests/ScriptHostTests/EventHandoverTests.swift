import MoonwheelModel
import SystemCalls
import TestSupport
import Testing
import Triggers
import WorkerPool

@testable import SchedulerCore
@testable import ScriptHost

/// The events that the thread of the core hands to the worker of their handler in advance.
@Suite struct EventHandoverTests {
  private static func handler(_ index: Int) -> JobAddress {
    JobAddress(
      generation: GenerationID(rawValue: 1), handle: JobHandle(index: UInt32(index), reuse: 0))
  }

  private static func event(_ run: Int, of handler: Int, in lease: Int) -> LeasedEvent {
    LeasedEvent(
      lease: Run.ID(rawValue: UInt64(lease)), handler: Self.handler(handler),
      run: Run.ID(rawValue: UInt64(run)), event: Event(name: "e"), at: Timestamp(seconds: 0))
  }

  private static func next(_ table: LeaseTable, of handler: Int, in lease: Int) -> Int? {
    let next = table.next(
      of: Self.handler(handler).handle, in: Run.ID(rawValue: UInt64(lease)))
    return next.map { Int($0.run.rawValue) }
  }

  private static func close(_ table: LeaseTable, of handler: Int, _ lease: Int) -> Int {
    table.close(
      Lease(
        Run.ID(rawValue: UInt64(lease)), of: .none, Self.handler(handler).generation,
        Self.handler(handler).handle))
  }

  @Test(arguments: 0..<20) func `leases do what lists would do`(seed: UInt64) {
    struct Model {
      var lease = 0
      var events: [Int] = []
      var begun = 0
    }
    var random = SplitMix64(seed: seed)
    let table = LeaseTable()
    var models = Array(repeating: Model(), count: 3)
    for number in 1...500 {
      let handler = random.next(in: 0...2)
      let lease = models[handler].lease
      switch random.next(in: 0...9) {
      case 0: models[handler] = Model(lease: number)
      case 1:
        #expect(Self.close(table, of: handler, lease) == models[handler].begun)
        models[handler] = Model(lease: number)
      case 2...5:
        table.append([Self.event(number, of: handler, in: lease)])
        models[handler].events.append(number)
      default:
        let first = models[handler].events.isEmpty ? nil : models[handler].events.removeFirst()
        models[handler].begun += first == nil ? 0 : 1
        #expect(Self.next(table, of: handler, in: lease) == first)
      }
    }
  }

  @Test func `events of an earlier lease never begin in a later one`() {
    let table = LeaseTable()
    table.append([Self.event(2, of: 0, in: 1), Self.event(12, of: 0, in: 11)])
    #expect(Self.next(table, of: 0, in: 1) == nil)
    #expect(Self.next(table, of: 0, in: 11) == 12)
    #expect(Self.close(table, of: 0, 1) == 0)
    #expect(Self.close(table, of: 0, 11) == 1)
    #expect(Self.next(table, of: 0, in: 11) == nil)
  }

  @Test func `while one thread adds and closes and one takes, each event begins once, in order`()
    throws
  {
    let table = LeaseTable()
    let count = 20_000
    let lease = Condition(1)
    let begun = Condition<(events: [Int], isAtEnd: Bool)>(([], false))
    let worker = try OSThread(name: "worker") {
      var events: [Int] = []
      while events.count < count {
        if let next = Self.next(table, of: 0, in: lease.withLock { $0 }) { events.append(next) }
      }
      begun.withLock { $0 = (events, true) }
      begun.signal()
    }
    var random = SplitMix64(seed: 1)
    var added = 0
    var isBegun = 0
    while isBegun < count {
      let id = lease.withLock { $0 }
      let more = min(random.next(in: 0...9), count - added)
      table.append((0..<more).map { Self.event(added + $0, of: 0, in: id) }[...])
      added += more
      guard random.next(in: 0...9) == 0 || added == count else { continue }
      isBegun += Self.close(table, of: 0, id)
      added = isBegun
      lease.withLock { $0 += 1 }
    }
    begun.wait(while: { !$0.isAtEnd })
    worker.join()
    #expect(begun.withLock { $0.events } == Array(0..<count))
  }
}
