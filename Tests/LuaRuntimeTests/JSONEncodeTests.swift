import LuaRuntime
import MoonwheelModel
import Testing

/// `json.encode` and `json.pretty`, and the marks of tables.
@Suite struct JSONEncodeTests {
  static let texts: [(value: String, text: String)] = [
    ("nil", "null"), ("json.null", "null"), ("true", "true"), ("false", "false"),
    ("5", "5"), ("-5", "-5"), ("math.mininteger", "-9223372036854775808"),
    ("math.maxinteger", "9223372036854775807"), ("10 / 2", "5"), ("-0.0", "0"), ("0.1", "0.1"),
    ("1e20", "100000000000000000000"), ("1e21", "1e+21"), ("-1e21", "-1e+21"), ("1e-6", "0.000001"),
    ("1e-7", "1e-7"), ("1.5e-9", "1.5e-9"), ("123456.789", "123456.789"),
    ("2^53", "9007199254740992"),
    ("''", #""""#), ("'a\"\\\\/\\b\\f\\n\\r\\t'", #""a\"\\/\b\f\n\r\t""#),
    ("'\\0\\1\\31\\127'", "\"\\u0000\\u0001\\u001f\u{7f}\""), ("'é😀\\u{2028}'", "\"é😀\u{2028}\""),
    ("{}", "[]"), ("json.array {}", "[]"), ("json.object {}", "{}"), ("json.object()", "{}"),
    ("json.decode '[[],{}]'", "[[],{}]"), ("{ 1, { 2 }, 'x' }", #"[1,[2],"x"]"#),
    ("{ json.null, 1 }", "[null,1]"),
    ("{ b = 1, a = 2, B = 3, [''] = 4 }", #"{"":4,"B":3,"a":2,"b":1}"#),
    ("{ x = json.null }", #"{"x":null}"#), ("json.object { a = 1 }", #"{"a":1}"#),
    ("json.array { 1 }", "[1]"), ("{ [2] = 'b', [1] = 'a' }", #"["a","b"]"#),
    ("{ [3] = 3, [2] = 2, [1] = 1 }", "[1,2,3]"),
    ("{ a = { b = { c = {} } } }", #"{"a":{"b":{"c":[]}}}"#),
    ("json.decode('{\"__index\":1}')", #"{"__index":1}"#),
    ("setmetatable({ 1 }, { __index = error, __len = error, __pairs = error })", "[1]"),
  ]

  @Test func `a value is written`() throws {
    let bench = try Bench()
    for (value, text) in Self.texts {
      #expect(try bench.run("return json.encode(\(value))") == .string(text), "\(value)")
    }
  }

  /// RFC 8785, appendix B.
  static let canonical: [(bits: UInt64, text: String)] = [
    (0, "0"), (0x8000_0000_0000_0000, "0"), (1, "5e-324"), (0x8000_0000_0000_0001, "-5e-324"),
    (0x7fef_ffff_ffff_ffff, "1.7976931348623157e+308"),
    (0xffef_ffff_ffff_ffff, "-1.7976931348623157e+308"),
    (0x4340_0000_0000_0000, "9007199254740992"), (0xc340_0000_0000_0000, "-9007199254740992"),
    (0x4430_0000_0000_0000, "295147905179352830000"),
    (0x44b5_2d02_c7e1_4af5, "9.999999999999997e+22"), (0x44b5_2d02_c7e1_4af6, "1e+23"),
    (0x44b5_2d02_c7e1_4af7, "1.0000000000000001e+23"),
    (0x444b_1ae4_d6e2_ef4e, "999999999999999700000"),
    (0x444b_1ae4_d6e2_ef4f, "999999999999999900000"), (0x444b_1ae4_d6e2_ef50, "1e+21"),
    (0x3eb0_c6f7_a0b5_ed8c, "9.999999999999997e-7"), (0x3eb0_c6f7_a0b5_ed8d, "0.000001"),
    (0x41b3_de43_5555_5553, "333333333.3333332"), (0x41b3_de43_5555_5554, "333333333.33333325"),
    (0x41b3_de43_5555_5555, "333333333.3333333"), (0x41b3_de43_5555_5556, "333333333.3333334"),
    (0x41b3_de43_5555_5557, "333333333.33333343"),
    (0xbecb_f647_612f_3696, "-0.0000033333333333333333"),
    (0x4314_3ff3_c1cb_0959, "1424953923781206.2"),
  ]

  @Test func `floats have the form of RFC 8785`() throws {
    let bench = try Bench()
    for (bits, text) in Self.canonical {
      bench.answer = .value(.number(Double(bitPattern: bits)))
      #expect(try bench.run("return json.encode((ask()))") == .string(text))
    }
  }

  static let refusals: [(call: String, message: String)] = [
    ("json.encode()", "json.encode takes a value"),
    ("json.encode(0/0)", "json.encode: nan has no JSON form"),
    ("json.encode({ a = { 1, -math.huge } })", "a[2]: -inf has no JSON form"),
    (
      "json.encode { items = { 1, 2, { cb = print } } }",
      "items[3].cb: a function has no JSON form"
    ),
    ("json.encode(coroutine.create(print))", "json.encode: a thread has no JSON form"),
    ("json.encode { cancel }", "[1]: a userdata has no JSON form"),
    (
      "json.encode { x = { 1, nil, 3 } }",
      "x: a list with holes has no JSON form: put json.null into them"
    ),
    (
      "json.encode { [3] = 1 }",
      "json.encode: a list with holes has no JSON form: put json.null into them"
    ),
    (
      "json.encode { a = { 1, 2, n = 2 } }",
      "a: a table with both numbers and names as keys has no JSON form: use tostring(number)"
    ),
    (
      "json.encode(json.object { 1 })",
      "json.encode: a table with both numbers and names as keys has no JSON form: use tostring(number)"
    ),
    (
      "json.encode(json.array { x = 1 })",
      "json.encode: a table with both numbers and names as keys has no JSON form: use tostring(number)"
    ),
    ("json.encode { [true] = 1 }", "json.encode: a key that is a boolean has no JSON form"),
    (
      "json.encode { [1.5] = 1, x = 2, 3 }",
      "json.encode: a key that is a fraction has no JSON form"
    ),
    (
      "local t = { a = {} } t.a[1] = t json.encode(t)",
      "a[1]: a table that contains itself has no JSON form"
    ),
    (
      "local t = 1 for _ = 1, 129 do t = { t } end json.encode(t)",
      String(repeating: "[1]", count: 128) + ": nested deeper than 128 tables"
    ),
    (
      "json.encode { s = 'a\\xff' }",
      "s: the text is not UTF-8 at byte 2: use hash.base64, or utf8 = \"replace\""
    ),
    (
      "json.encode { ['\\xff'] = 1 }",
      "[\"...\"]: the key is not UTF-8 at byte 1: use hash.base64, or utf8 = \"replace\""
    ),
    (
      "json.encode(1, { indent = 2 })",
      "json.encode has no option \"indent\"; there are pretty, utf8"
    ),
  ]

  @Test func `what has no JSON form raises with its path`() throws {
    let bench = try Bench()
    for (call, message) in Self.refusals {
      #expect(failure { try bench.run(call) } == "script.lua:1: \(message)", "\(call)")
    }
    #expect(
      try bench.run("return json.encode('a\\xffb\\xe2\\x82', { utf8 = 'replace' })") == "\"a�b�\"")
  }

  @Test func `a pretty text has a line for each element`() throws {
    let bench = try Bench()
    let pretty = "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": []\n}"
    let value = "{ a = { 1, json.object() }, b = {} }"
    #expect(try bench.run("return json.pretty \(value)") == .string(pretty))
    #expect(try bench.run("return json.encode(\(value), { pretty = true })") == .string(pretty))
    #expect(try bench.run("return json.pretty(5)") == "5")
  }

  @Test func `keys are in the order of their bytes, few or many`() throws {
    let bench = try Bench()
    let script = """
      for _, n in ipairs { 1, 2, 31, 32, 33, 34, 65, 1000, 20000 } do
        local t, keys = {}, {}
        for i = 1, n do
          local key = ('\\x01'):rep(i % 3) .. ('%x'):format(i * 2654435761 % 4294967296) .. (i % 2 == 0 and 'é' or '')
          if not t[key] then keys[#keys + 1] = key end
          t[key] = i
        end
        table.sort(keys)
        local parts = {}
        for i, key in ipairs(keys) do parts[i] = json.encode(key) .. ':' .. t[key] end
        local text = json.encode(t)
        assert(text == '{' .. table.concat(parts, ',') .. '}', n)
        assert(json.encode { t, t } == '[' .. text .. ',' .. text .. ']')
      end
      return true
      """
    #expect(try bench.run(script) == true)
  }

  @Test func `a text has at most 16 MiB`() throws {
    let bench = try Bench()
    let script =
      "local s = ('x'):rep(1 << 20) local t = {} for i = 1, 17 do t[i] = s end json.encode(t)"
    #expect(
      failure { try bench.run(script) }
        == "script.lua:1: json.encode: the text would have more than 16777216 bytes")
    let small = try Bench(limits: IsolateLimits(memory: 1 << 20))
    #expect(
      failure { try small.run("json.encode(('x'):rep(262144))") }
        == "script.lua:1: json.encode: the text would have more than 262144 bytes")
  }

  @Test func `marks hold through the host, and can be taken away`() throws {
    let bench = try Bench()
    let script = """
      local t = echo(json.decode '{"a":{},"b":[],"c":[null,{}]}')
      assert(t.c[1] == json.null and tostring(json.null) == "null" and type(json.null) == "userdata")
      local mark = echo(json.object())
      assert(getmetatable(mark) == false)
      assert(json.encode(setmetatable(mark, nil)) == "[]")
      assert(json.encode(json.array(json.object())) == "[]")
      mark = setmetatable(json.object(), { __index = { x = 5 } })
      assert(mark.x == 5 and not pcall(setmetatable, setmetatable({}, { __metatable = 1 }), nil))
      return json.encode(t)
      """
    #expect(try bench.run(script) == #"{"a":{},"b":[],"c":[null,{}]}"#)
    _ = try bench.run("take({}, json.object()) take(json.array(), json.null)")
    #expect(bench.taken == [[[], .table([:])], [[], .null]])
  }
}
