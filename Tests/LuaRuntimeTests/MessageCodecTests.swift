import MoonwheelModel
import Testing

@testable import LuaRuntime

@Suite struct MessageCodecTests {
  @Test(arguments: [
    Value.nil, true, false, 0, -1, .integer(.max), 1.5, .number(.infinity), "", "ü",
    .bytes([255, 0]),
    [1, "a", [2]], [:], [], .null, [.null, [:]], ["a": 1, "b": ["c": nil]], .table([2: "gap"]),
    .callback(CallbackID(rawValue: 7)), .job(JobHandle(index: 3, reuse: 9)),
  ])
  func `a value survives being written and read`(value: Value) {
    let bytes = MessageWriter([value]).bytes
    let read = unsafe bytes.withUnsafeBytes { unsafe MessageReader.values($0) }
    #expect(read == [value])
  }
}
