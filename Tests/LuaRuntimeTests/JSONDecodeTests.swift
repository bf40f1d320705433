import LuaRuntime
import MoonwheelModel
import Testing

/// `json.decode`, by the rules of RFC 8259 and the decisions of docs/json.md.
@Suite struct JSONDecodeTests {
  static let accepted: [(String, Value)] = [
    ("null", .null), (" \t\r\n true ", true), ("false", false),
    ("0", 0), ("-0", 0), ("42", 42), ("-0.0", .number(-0.0)), ("0e1", .number(0)),
    ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
    ("9223372036854775808", .number(9_223_372_036_854_775_808)),
    ("-9223372036854775809", .number(-9_223_372_036_854_775_808)),
    ("9007199254740993", .integer(9_007_199_254_740_993)),
    ("1.0", .number(1)), ("1e2", .number(100)), ("1E+2", .number(100)), ("25e-1", .number(2.5)),
    ("0.1", .number(0.1)), ("1e-400", .number(0)), ("5e-324", .number(.leastNonzeroMagnitude)),
    ("1.7976931348623157e308", .number(.greatestFiniteMagnitude)),
    ("2.2250738585072011e-308", .number(Double(bitPattern: 0x000f_ffff_ffff_ffff))),
    ("0.1000000000000000055511151231257827", .number(0.1)),
    ("123456789012345678901234567890", .number(1.2345678901234568e29)),
    (#""""#, ""), (#""a é 😀 \u007f""#, "a é 😀 \u{7f}"),
    (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"), (#""\u0000\u00e9\u00E9""#, "\0éé"),
    (#""x\ud83d\ude00y""#, "x😀y"), ("\"\u{7f}\u{2028}\"", "\u{7f}\u{2028}"),
    ("[]", []), ("[ ]", []), ("{}", .table([:])), ("{ }", .table([:])),
    (" [ 1 , [ ] , { } ] ", [1, [], .table([:])]),
    (#"{"b":1,"a":[null]}"#, ["b": 1, "a": [.null]]), ("[null,1,null]", [.null, 1, .null]),
    (#"{"a":null}"#, []), (#"{"a":null,"b":2}"#, ["b": 2]), (#"{"a":1,"a":2}"#, ["a": 2]),
    (#"{"a":1,"a":null,"b":1}"#, ["b": 1]), (#"{"":{"":2}}"#, ["": ["": 2]]),
    (
      #"{"__index":1,"__metatable":2,"__gc":3}"#,
      ["__index": 1, "__metatable": 2, "__gc": 3]
    ),
    ("[[[[1]]],\"\\n\"]", [[[[1]]], "\n"]), ("[1]\n", [1]), ("\"\\u0061\\u30af\"", "aク"),
  ]

  @Test func `a text is read`() throws {
    let bench = try Bench()
    for (text, value) in Self.accepted {
      bench.answer = .value(.string(text))
      _ = try bench.run("take((json.decode((ask()))))")
      #expect(bench.taken.last == [value], "\(text)")
    }
  }

  static let refused: [(text: [UInt8], message: String)] =
    [
      ("", "expected a value, not the end at byte 1 (1:1)"),
      (" \n ", "expected a value, not the end at byte 4 (2:2)"),
      ("nul", "expected a value, not \"n\" at byte 1 (1:1)"),
      ("True", "expected a value, not \"T\" at byte 1 (1:1)"),
      ("NaN", "expected a value, not \"N\" at byte 1 (1:1)"),
      ("Infinity", "expected a value, not \"I\" at byte 1 (1:1)"),
      ("-Infinity", "expected a digit, not \"I\" at byte 2 (1:2)"),
      ("'a'", "expected a value, not \"'\" at byte 1 (1:1)"),
      ("// c\n1", "expected a value, not \"/\" at byte 1 (1:1)"),
      ("[1]x", "expected the end, not \"x\" at byte 4 (1:4)"),
      ("1 2", "expected the end, not \"2\" at byte 3 (1:3)"),
      ("nullx", "expected the end, not \"x\" at byte 5 (1:5)"),
      ("{a:1}", "expected a key in double quotes, not \"a\" at byte 2 (1:2)"),
      ("{1:1}", "expected a key in double quotes, not \"1\" at byte 2 (1:2)"),
      ("{\"a\" 1}", "expected a colon after the key, not \"1\" at byte 6 (1:6) in a"),
      ("{\"a\":}", "expected a value, not \"}\" at byte 6 (1:6) in a"),
      ("{\n  \"a\": 1,\n}", "expected a key in double quotes, not \"}\" at byte 13 (3:1)"),
      ("{\"a\":1 \"b\":2}", "expected a comma or \"}\", not \"\"\" at byte 8 (1:8)"),
      ("[1,]", "expected a value, not \"]\" at byte 4 (1:4) in [2]"),
      ("[,1]", "expected a value, not \",\" at byte 2 (1:2) in [1]"),
      ("[1 2]", "expected a comma or \"]\", not \"2\" at byte 4 (1:4) in [1]"),
      ("[1}", "expected a comma or \"]\", not \"}\" at byte 3 (1:3) in [1]"),
      ("[", "expected a value, not the end at byte 2 (1:2) in [1]"),
      ("[1", "expected a comma or \"]\", not the end at byte 3 (1:3) in [1]"),
      ("{\"a\":1", "expected a comma or \"}\", not the end at byte 7 (1:7)"),
      ("\"a", "a string does not end, which begins at byte 1 (1:1)"),
      (
        "\"a\\",
        "expected one of \" \\ / b f n r t u after a backslash, not the end at byte 4 (1:4)"
      ),
      ("\"a\tb\"", "expected a character of a string, not byte 0x09 at byte 3 (1:3)"),
      ("\"\n\"", "expected a character of a string, not byte 0x0a at byte 2 (1:2)"),
      ("\"\0\"", "expected a character of a string, not byte 0x00 at byte 2 (1:2)"),
      (
        "\"\\x\"",
        "expected one of \" \\ / b f n r t u after a backslash, not \"x\" at byte 3 (1:3)"
      ),
      ("\"\\u12g4\"", "expected four hexadecimal digits after \\u, not \"1\" at byte 4 (1:4)"),
      ("\"\\u12", "expected four hexadecimal digits after \\u, not \"1\" at byte 4 (1:4)"),
      ("\"a\\ud800\"", "half of a surrogate pair, without the other one, at byte 3 (1:3)"),
      ("\"\\ude00\"", "half of a surrogate pair, without the other one, at byte 2 (1:2)"),
      ("\"\\ud800\\n\"", "half of a surrogate pair, without the other one, at byte 2 (1:2)"),
      ("\"\\ud800\\ud800\"", "half of a surrogate pair, without the other one, at byte 2 (1:2)"),
      ("01", "a number with a leading zero at byte 1 (1:1)"),
      ("[-012]", "a number with a leading zero at byte 2 (1:2) in [1]"),
      ("-", "expected a digit, not the end at byte 2 (1:2)"),
      ("+1", "expected a value, not \"+\" at byte 1 (1:1)"),
      (".5", "expected a value, not \".\" at byte 1 (1:1)"),
      ("5.", "expected a digit, not the end at byte 3 (1:3)"),
      ("1.e2", "expected a digit, not \"e\" at byte 3 (1:3)"),
      ("1e+", "expected a digit, not the end at byte 4 (1:4)"),
      ("0x10", "expected the end, not \"x\" at byte 2 (1:2)"),
      ("1,5", "expected the end, not \",\" at byte 2 (1:2)"),
      ("[1e400]", "a number that is out of range at byte 2 (1:2) in [1]"),
      ("-1e400", "a number that is out of range at byte 1 (1:1)"),
      (
        "{\"items\":[1,2,{\"a b\":tru}]}",
        "expected a value, not \"t\" at byte 22 (1:22) in items[3][\"a b\"]"
      ),
      ("[\"é\",\n \"ü\" x]", "expected a comma or \"]\", not \"x\" at byte 14 (2:6) in [2]"),
      ("\u{feff}1", "a byte order mark at byte 1 (1:1)"),
    ].map { (Array($0.0.utf8), $0.1) } + [
      ([0x22, 0xff, 0x22], "a string is not UTF-8 at byte 2 (1:2)"),
      ([0x22, 0xc0, 0x80, 0x22], "a string is not UTF-8 at byte 2 (1:2)"),
      ([0x22, 0xed, 0xa0, 0x80, 0x22], "a string is not UTF-8 at byte 2 (1:2)"),
      ([0x22, 0xf4, 0x90, 0x80, 0x80, 0x22], "a string is not UTF-8 at byte 2 (1:2)"),
      ([0x22, 0x61, 0xe2, 0x82, 0x22], "a string is not UTF-8 at byte 3 (1:3)"),
      (
        [0x5b, 0x31, 0x00, 0x5d], "expected a comma or \"]\", not byte 0x00 at byte 3 (1:3) in [1]"
      ),
    ]

  @Test func `a text that is not JSON is refused, with the place`() throws {
    let bench = try Bench()
    for (text, message) in Self.refused {
      bench.answer = .value(.bytes(text))
      _ = try bench.run("take(select('#', json.decode((ask()))), json.decode((ask())))")
      #expect(
        bench.taken.last == [3, .nil, .string(message), "json"],
        "\(String(decoding: text, as: UTF8.self))")
    }
  }

  static let options: [(call: String, result: Value)] = [
    ("json.decode('{\"a\":null}', { nulls = true })", ["a": .null]),
    ("json.decode('[null]', { nulls = true })[1] == json.null", true),
    ("json.decode('[18446744073709551615]', { big = 'string' })", ["18446744073709551615"]),
    ("json.decode('18446744073709551615')", .number(18_446_744_073_709_551_616)),
    (
      "{ json.decode('{\"n\":-99999999999999999999}', { big = 'error' }) }",
      .table([2: "an integer of more than 64 bits at byte 6 (1:6) in n", 3: "json"])
    ),
    ("json.decode('1.5', { big = 'error' })", 1.5),
    (
      "{ json.decode('{\"x\":{\"a\":null,\"a\":1}}', { duplicates = 'error' }) }",
      .table([2: "an object has the same key twice, at byte 16 (1:16) in x.a", 3: "json"])
    ),
    ("json.decode('{\"a\":null,\"b\":1}', { duplicates = 'error' })", ["b": 1]),
    ("json.decode('\"\\xff|\\xe2\\x82|\\xed\\xa0\\x80\"', { utf8 = 'replace' })", "�|�|���"),
    ("json.decode('\"\\\\ud800x\\\\udc00\"', { utf8 = 'replace' })", "�x�"),
    ("json.decode('\\xef\\xbb\\xbf[1]', { utf8 = 'replace' })", [1]),
    ("json.decode('1', {})", 1), ("json.decode('1', nil)", 1),
  ]

  @Test func `the options change what is read`() throws {
    let bench = try Bench()
    for (call, result) in Self.options {
      _ = try bench.run("take((\(call)))")
      #expect(bench.taken.last == [result], "\(call)")
    }
  }

  static let mistakes: [(call: String, message: String)] = [
    ("json.decode()", "json.decode takes a text, not nil"),
    ("json.decode(5)", "json.decode takes a text, not a number"),
    ("json.decode('1', 'x')", "json.decode takes a table of options, not a string"),
    (
      "json.decode('1', { zero = 1, null = true })",
      "json.decode has no option \"null\"; there are nulls, big, utf8, duplicates"
    ),
    (
      "json.decode('1', { 'nulls' })",
      "the options of json.decode have names; there are nulls, big, utf8, duplicates"
    ),
    (
      "json.decode('1', { big = 'text' })",
      "json.decode: the option \"big\" must be \"float\", \"string\" or \"error\""
    ),
    (
      "json.decode('1', { nulls = 1 })",
      "json.decode: the option \"nulls\" must be true or false"
    ),
    ("json.lines(nil)", "json.lines takes a text, not nil"),
    (
      "for _ in json.lines('1\\n\\n[\\n2') do end",
      "expected a value, not the end at byte 5 (3:2) in [1]"
    ),
    ("json.array(1)", "json.array takes a table, not a number"),
    (
      "json.object(setmetatable({}, {}))",
      "json.object: the table has a metatable, which the mark would replace"
    ),
    ("local x = json.null.x", "attempt to index a null value (field 'null')"),
  ]

  @Test func `a wrong call raises with the remedy`() throws {
    let bench = try Bench()
    for (call, message) in Self.mistakes {
      #expect(failure { try bench.run(call) } == "script.lua:1: \(message)", "\(call)")
    }
  }

  @Test func `lines are read one by one, with their numbers`() throws {
    let bench = try Bench()
    _ = try bench.run(
      "for value, line in json.lines('1\\n\\n {\"a\":[]}\\r\\nnull\\n\\t\\nfalse', { nulls = true }) do take(value, line) end"
    )
    #expect(bench.taken == [[1, 1], [["a": []], 3], [.null, 4], [false, 6]])
    #expect(
      try bench.run("for _ in json.lines('') do error('one') end return json.lines('\\n')()")
        == .nil)
  }

  @Test func `depth is bounded before anything is made`() throws {
    let bench = try Bench()
    let script = """
      local open, close = ...
      local function nested(n) return json.decode(('['):rep(n) .. (']'):rep(n)) end
      assert(nested(128))
      local v, why = nested(129)
      assert(v == nil)
      for _, t in ipairs { '[', '{"a":', '[{"a":' } do assert(not json.decode(t:rep(100000))) end
      return why
      """
    let path = String(repeating: "[1]", count: 128)
    #expect(
      try bench.run(script).text
        == "more than 128 arrays and objects within each other at byte 129 (1:129) in \(path)")
  }

  @Test func `large arrays and objects are whole`() throws {
    let bench = try Bench()
    let script = """
      for _, n in ipairs { 1, 31, 32, 33, 63, 64, 65, 127, 128, 129, 1000, 70000 } do
        local list, members = {}, {}
        for i = 1, n do
          list[i] = tostring(i)
          members[i] = ('"k%d":%d'):format(i, i)
        end
        local t = json.decode('[' .. table.concat(list, ',') .. ']')
        assert(#t == n and t[n] == n and t[1] == 1 and next(t, n) == nil)
        local o, count = json.decode('{' .. table.concat(members, ',') .. ',"k1":"last"}'), 0
        for _ in pairs(o) do count = count + 1 end
        assert(count == n and o.k1 == "last" and (n == 1 or o['k' .. n] == n))
      end
      return true
      """
    #expect(try bench.run(script) == true)
  }

  @Test func `long strings and numbers have their bounds`() throws {
    let bench = try Bench()
    let script = """
      local s = ('x'):rep(100000)
      assert(json.decode('"' .. s .. '"') == s)
      assert(json.decode('"' .. s .. '\\\\n' .. s .. '"') == s .. '\\n' .. s)
      assert(json.decode('"' .. ('\\\\u00e9'):rep(50000) .. '"') == ('é'):rep(50000))
      assert(json.decode(('1'):rep(300)) == tonumber(('1'):rep(300) .. '.0'))
      assert(json.decode('0.' .. ('1'):rep(1000)) == 0.1111111111111111)
      local _, why = json.decode('[' .. ('1'):rep(1025))
      assert(why == 'a number of more than 1024 characters at byte 2 (1:2) in [1]', why)
      assert(not json.decode(('1'):rep(1024)))
      return select(2, json.decode((' '):rep((16 << 20) + 1)))
      """
    #expect(try bench.run(script) == "a text of more than 16777216 bytes")
  }
}
