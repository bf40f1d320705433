import MoonwheelModel
import Synchronization
import Testing

@testable import Moonwheel
@testable import SchedulerEngine
@testable import ScriptHost

/// What a script sends is read where somebody looks at it.
@Suite struct EventReadingTests {
  @Test(arguments: [0, 1, 100]) func `a payload is read once at most`(lookers: Int) throws {
    let bus = EventBus(inbox: try Inbox(), always: nil)
    let reads = Atomic<Int>(0)
    let seen = Atomic<Int>(0)
    for _ in 0..<lookers {
      _ = bus.observe(try EventPattern("a.*")) { event in
        if event.payload == ["n": 1] { seen.wrappingAdd(1, ordering: .relaxed) }
      }
    }
    let payload = EncodedValue([]) { _ in
      reads.wrappingAdd(1, ordering: .relaxed)
      return ["n": 1]
    }
    bus.publish(Event(name: "a.b", payload: payload, source: "x.lua", depth: 1))
    #expect(seen.load(ordering: .relaxed) == lookers)
    #expect(reads.load(ordering: .relaxed) == min(lookers, 1))
  }
}
