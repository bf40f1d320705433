import Testing

@testable import moonwheel

@Suite struct JSONTextTests {
  @Test(arguments: [
    (JSONText.string("a\"b\\c\n\u{1}ü"), "\"a\\\"b\\\\c\\n\\u0001ü\""),
    (.object([("b", .integer(1)), ("a", .null)]), "{\"b\":1,\"a\":null}"),
    (.array([.bool(true), .array([])]), "[true,[]]"),
  ])
  func `a value is written as JSON, keys in their order`(value: JSONText, text: String) {
    #expect(value.description == text)
  }
}
