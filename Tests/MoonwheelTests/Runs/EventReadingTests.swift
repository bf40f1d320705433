import Layers
import MoonwheelModel
import Synchronization
import Testing

@testable import Moonwheel
@testable import SchedulerEngine
@testable import ScriptHost

/// The bus decodes a payload only if a receiver needs it.
@Suite struct EventReadingTests {
  @Test(arguments: [0, 1, 100]) func `a payload is decoded once at most`(receivers: Int) throws {
    let bus = EventBus(inbox: try Inbox(), always: nil)
    let reads = Atomic<Int>(0)
    let seen = Atomic<Int>(0)
    for _ in 0..<receivers {
      _ = bus.observe(try EventPattern("a.*")) { event in
        if event.payload == ["n": 1] { seen.wrappingAdd(1, ordering: .relaxed) }
      }
    }
    let payload = EncodedValue([]) { _ in
      reads.wrappingAdd(1, ordering: .relaxed)
      return ["n": 1]
    }
    bus.publish(Event(name: "a.b", payload: payload, source: "x.lua", depth: 1))
    #expect(seen.load(ordering: .relaxed) == receivers)
    #expect(reads.load(ordering: .relaxed) == min(receivers, 1))
  }
}
