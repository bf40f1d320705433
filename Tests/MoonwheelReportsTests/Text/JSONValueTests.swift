import JSON
import Layers
import Moonwheel
import Testing

@testable import MoonwheelReports

@Suite struct JSONValueTests {
  @Test(
    arguments: [
      (nil, "null"), (true, "true"), (.integer(.max), "9223372036854775807"), (2.5, "2.5"),
      (.number(2), "2.0"), (.number(.infinity), #""inf""#), ("a\n", #""a\n""#),
      (.bytes([0x61, 0xff]), "\"a\u{fffd}\""), ([1, ["b": nil]], #"[1,{"b":null}]"#),
      (["b": 1, "a": 2], #"{"a":2,"b":1}"#),
      (.table([.integer(1): "x", .integer(3): "y"]), #"{"1":"x","3":"y"}"#),
      (.callback(CallbackID(rawValue: 1)), "null"),
      (.table([.integer(1): "a", "1": "b"]), #"{"$table":[["1","b"],[1,"a"]]}"#),
      (.table([.bool(true): 1, "true": 2, "x": 3]), #"{"$table":[["true",2],["x",3],[true,1]]}"#),
      (.number(-.nan), #""nan""#), ("a\u{202e}b", #""a\u202eb""#),
    ] as [(Value, String)])
  func `data of a script becomes JSON`(value: Value, text: String) {
    #expect(JSONValue(value).description == text)
  }

  @Test(
    arguments: [
      ("null", .null), ("true", true), ("9223372036854775807", .integer(.max)), ("1.0", .number(1)),
      ("1e2", .number(100)), ("-0.0", .number(-0.0)), ("2.5", 2.5), ("1e300", .number(1e300)),
      (#""a""#, "a"),
      ("[]", []), ("{}", .table([:])), ("[1,null]", .list([1, .null])),
      (#"{"a":null}"#, .table([:])), (#"{"a":[null],"b":null}"#, ["a": [.null]]),
      (#"{"a":1,"a":2,"b":{}}"#, ["a": 1, "b": .table([:])]),
    ] as [(String, Value)])
  func `JSON becomes data for a script`(text: String, value: Value) throws {
    #expect(Value(try JSONReader.read(text)) == value)
  }
}
