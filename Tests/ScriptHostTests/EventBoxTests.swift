import LuaRuntime
import MoonwheelModel
import Testing

@testable import ScriptHost

/// What a box keeps of events.
@Suite struct EventBoxTests {
  @Test func `an event that was taken is kept no longer`() throws {
    let account = MemoryAccount()
    var boxes = EventBoxTable()
    let box = boxes.open(try EventPattern("e"), of: ScriptID(rawValue: 1), limit: 10)
    for number in 1...4 as ClosedRange<Int64> {
      box.add(
        Event(
          name: "e", payload: .integer(number), source: "a.lua", depth: 0,
          hold: account.hold(1_000)))
    }
    for number in 1...4 as ClosedRange<Int64> {
      #expect(box.take()?.payload == .integer(number))
      #expect(account.kept == Int(4 - number) * 1_000)
    }
    #expect(box.take() == nil)
  }
}
