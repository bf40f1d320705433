import MoonwheelModel
import Testing

@Suite struct ValueCoderTests {
  @Test(arguments: [
    Value.nil, .null, true, 5, 1.5, "ü", .bytes([255]), [], .table([:]), [.null, [], .table([:])],
    ["a": .null, "b": .table([:])],
  ])
  func `a value survives a store`(value: Value) {
    #expect(Value(encoded: value.encoded) == value)
  }

  /// Stores of earlier versions have an empty table of Lua as a table without pairs, and no null.
  @Test func `what earlier versions wrote is read`() {
    #expect(Value(encoded: [8, 0]) == .table([:]))
    #expect(Value(encoded: [7, 2, 0, 8, 1, 5, 1, 97, 3, 2]) == [nil, ["a": 1]])
    #expect(Value(encoded: [10]) == nil)
  }
}
