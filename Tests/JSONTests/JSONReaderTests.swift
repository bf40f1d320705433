import Testing

@testable import JSON

@Suite struct JSONReaderTests {
  @Test(
    arguments: [
      ("null", .null), (" \t\r\n true ", .bool(true)), ("false", .bool(false)),
      ("0", .integer(0)), ("-0", .integer(0)), ("42", .integer(42)),
      ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
      ("9223372036854775808", .number(9_223_372_036_854_775_808)),
      ("1.0", .number(1)), ("-0.0", .number(-0.0)), ("1e2", .number(100)), ("1E+2", .number(100)),
      ("25e-1", .number(2.5)), ("0.1", .number(0.1)), ("1e-400", .number(0)),
      (#""""#, .string("")), (#""a é 😀 \u007f""#, .string("a é 😀 \u{7f}")),
      (#""\"\\\/\b\f\n\r\t""#, .string("\"\\/\u{8}\u{c}\n\r\t")),
      (#""\u0000\u00e9\u00E9\u2028""#, .string("\0éé\u{2028}")),
      (#""x\ud83d\ude00y""#, .string("x😀y")), ("\"\u{7f}\u{2028}\"", .string("\u{7f}\u{2028}")),
      ("[]", .array([])), ("[ ]", .array([])),
      (" [ 1 , [ ] , { } ] ", .array([.integer(1), .array([]), .object([])])),
      ("{ }", .object([])),
      (#"{"b":1,"a":[null]}"#, .object([("b", .integer(1)), ("a", .array([.null]))])),
      (#"{"\n":{"":2}}"#, .object([("\n", .object([("", .integer(2))]))])),
      (#"{"a":1,"a":2}"#, .object([("a", .integer(1)), ("a", .integer(2))])),
    ] as [(String, JSONValue)])
  func `a text is read`(text: String, value: JSONValue) throws {
    #expect(try JSONReader.read(text) == value)
  }

  @Test(
    arguments: [
      ("", .unfinished, "line 1, column 1: expected a value, not the end"),
      (" \n ", .unfinished, "line 2, column 2: expected a value, not the end"),
      ("nul", .unexpected, "line 1, column 1: expected a value, not \"n\""),
      ("True", .unexpected, "line 1, column 1: expected a value, not \"T\""),
      ("NaN", .unexpected, "line 1, column 1: expected a value, not \"N\""),
      ("'a'", .unexpected, "line 1, column 1: expected a value, not \"'\""),
      ("// c\n1", .unexpected, "line 1, column 1: expected a value, not \"/\""),
      ("\u{feff}1", .unexpected, "line 1, column 1: expected a value, not byte 0xef"),
      ("1 2", .unexpected, "line 1, column 3: expected the end, not \"2\""),
      ("nullx", .unexpected, "line 1, column 5: expected the end, not \"x\""),
      ("{a:1}", .unexpected, "line 1, column 2: expected a key in double quotes, not \"a\""),
      ("{1:1}", .unexpected, "line 1, column 2: expected a key in double quotes, not \"1\""),
      ("{\"a\" 1}", .unexpected, "line 1, column 6: expected a colon after the key, not \"1\""),
      ("{\"a\":}", .unexpected, "line 1, column 6: expected a value, not \"}\""),
      (
        "{\n  \"a\": 1,\n}", .unexpected,
        "line 3, column 1: expected a key in double quotes, not \"}\""
      ),
      ("{\"a\":1 \"b\":2}", .unexpected, "line 1, column 8: expected a comma or \"}\", not \"\"\""),
      ("[1,]", .unexpected, "line 1, column 4: expected a value, not \"]\""),
      ("[,1]", .unexpected, "line 1, column 2: expected a value, not \",\""),
      ("[1 2]", .unexpected, "line 1, column 4: expected a comma or \"]\", not \"2\""),
      ("[1}", .unexpected, "line 1, column 3: expected a comma or \"]\", not \"}\""),
      ("[", .unfinished, "line 1, column 2: expected a value, not the end"),
      ("[1", .unfinished, "line 1, column 3: expected a comma or \"]\", not the end"),
      ("{\"a\":1", .unfinished, "line 1, column 7: expected a comma or \"}\", not the end"),
      ("\"a", .unfinished, "line 1, column 1: a string does not end"),
      ("\"a\\", .unfinished, "line 1, column 4: expected an escape, not the end"),
      ("\"a\tb\"", .unexpected, "line 1, column 3: expected a character of a string, not byte 0x9"),
      ("\"\n\"", .unexpected, "line 1, column 2: expected a character of a string, not byte 0xa"),
      (
        "\"\\x\"", .unexpected,
        "line 1, column 3: expected one of \" \\ / b f n r t u after a backslash, not \"x\""
      ),
      (
        "\"\\u12g4\"", .unexpected,
        "line 1, column 6: expected four hexadecimal digits after \\u, not \"g\""
      ),
      (
        "\"\\u12", .unfinished,
        "line 1, column 6: expected four hexadecimal digits after \\u, not the end"
      ),
      (
        "\"a\\ud800\"", .notUnicode,
        "line 1, column 3: half of a surrogate pair, without the other one"
      ),
      (
        "\"\\ude00\"", .notUnicode,
        "line 1, column 2: half of a surrogate pair, without the other one"
      ),
      (
        "\"\\ud800\\n\"", .notUnicode,
        "line 1, column 2: half of a surrogate pair, without the other one"
      ),
      ("01", .unexpected, "line 1, column 2: expected the end, not \"1\""),
      ("-", .unfinished, "line 1, column 2: expected a digit, not the end"),
      ("-a", .unexpected, "line 1, column 2: expected a digit, not \"a\""),
      ("+1", .unexpected, "line 1, column 1: expected a value, not \"+\""),
      (".5", .unexpected, "line 1, column 1: expected a value, not \".\""),
      ("5.", .unfinished, "line 1, column 3: expected a digit, not the end"),
      ("1.e2", .unexpected, "line 1, column 3: expected a digit, not \"e\""),
      ("1e", .unfinished, "line 1, column 3: expected a digit, not the end"),
      ("1e+", .unfinished, "line 1, column 4: expected a digit, not the end"),
      ("0x10", .unexpected, "line 1, column 2: expected the end, not \"x\""),
      ("[1e400]", .outOfRange, "line 1, column 2: a number is out of range"),
      ("-1e400", .outOfRange, "line 1, column 1: a number is out of range"),
    ] as [(String, JSONError.Code, String)])
  func `a text that is not JSON is refused, with the place`(
    text: String, code: JSONError.Code, message: String
  ) throws {
    let error = try #require(throws: JSONError.self) { try JSONReader.read(text) }
    #expect(error.code == code && error.description == message, "\(error)")
  }

  @Test(
    arguments: [
      [0x22, 0xff, 0x22], [0x22, 0xc3, 0x22], [0x22, 0xed, 0xa0, 0x80, 0x22],
      [0x22, 0xc0, 0x80, 0x22],
    ] as [[UInt8]])
  func `a string that is not UTF-8 is refused`(bytes: [UInt8]) throws {
    let error = try #require(throws: JSONError.self) { try JSONReader.read(bytes[...]) }
    #expect(error.code == .notUnicode && error.column == 1, "\(error)")
  }

  @Test func `a slice is read from its own beginning`() throws {
    let bytes = Array("xx[1,]xx".utf8)
    #expect(try JSONReader.read(bytes[3..<4]) == .integer(1))
    let error = try #require(throws: JSONError.self) { try JSONReader.read(bytes[2..<6]) }
    #expect(error.column == 4)
  }

  @Test(arguments: [("[", "]"), (#"{"a":"#, "}")])
  func `nesting is bounded`(open: String, close: String) throws {
    func nested(_ depth: Int) -> String {
      String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth)
    }
    _ = try JSONReader.read(nested(JSONReader.maximumDepth))
    for depth in [JSONReader.maximumDepth + 1, 1_000_000] {
      let error = try #require(throws: JSONError.self) { try JSONReader.read(nested(depth)) }
      #expect(error.code == .tooDeep)
      let members = #"{"a":"# + nested(depth) + "}"
      #expect(throws: JSONError.self) { try JSONReader.members(of: Array(members.utf8)[...]) }
    }
  }

  @Test func `of keys that repeat, the first is found`() throws {
    let value = try JSONReader.read(#"{"a":1,"b":2,"a":3}"#)
    #expect(value["a"] == .integer(1) && value["b"] == .integer(2) && value["c"] == nil)
    #expect(JSONValue.array([])["a"] == nil)
    // Canonically equivalent keys are different ones.
    let keys = try JSONReader.read("{\"e\u{301}\":1,\"\u{e9}\":2}")
    #expect(keys["\u{e9}"] == .integer(2))
  }

  @Test func `members come with their values as they are written`() throws {
    let text = #" { "a\n" : [1, {"b" : "]}"}] ,"c":-1.50e1 , "a":"\u0041" } "#
    let members = try JSONReader.members(of: Array(text.utf8)[...])
    #expect(members.map(\.key) == ["a\n", "c", "a"])
    #expect(
      members.map { String(decoding: $0.value, as: UTF8.self) }
        == [#"[1, {"b" : "]}"}]"#, "-1.50e1", #""\u0041""#])
  }

  @Test(arguments: ["", "[]", "1", "{", "{}x", #"{"a":01}"#, #"{"a":"\ud800"}"#, #"{"a":[1,]}"#])
  func `members of what is no object are refused`(text: String) {
    #expect(throws: JSONError.self) { try JSONReader.members(of: Array(text.utf8)[...]) }
  }

  @Test func `no piece of a text is a text`() throws {
    let text = Array(#"{"a":[1.5e3,"\u00e9é",true,null],"b":{"c":""}}"#.utf8)
    for length in text.indices {
      #expect(throws: JSONError.self) { try JSONReader.read(text[..<length]) }
      #expect(throws: JSONError.self) { try JSONReader.members(of: text[..<length]) }
    }
    _ = try JSONReader.read(text[...])
  }
}
