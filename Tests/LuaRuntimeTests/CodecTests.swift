import LuaRuntime
import MoonwheelModel
import Testing

/// Values on their way from a script to the host and back.
@Suite struct CodecTests {
  static let values: [(String, Value)] = [
    ("nil", .nil), ("true", true), ("false", false), ("0", 0),
    ("math.maxinteger", .integer(.max)), ("math.mininteger", .integer(.min)),
    ("1.0", .number(1)), ("2^53", .number(9_007_199_254_740_992)), ("1/0", .number(.infinity)),
    ("''", ""), ("'a\\0b'", .string("a\0b")), ("'\\xff\\0'", .bytes([255, 0])),
    ("'\\xC3'", .bytes([0xC3])), ("'\\u{10FFFF}'", "\u{10FFFF}"),
    ("'\\u{D800}'", .bytes([0xED, 0xA0, 0x80])),
    ("{}", []), ("json.array()", []), ("json.object()", .table([:])), ("json.null", .null),
    ("{json.null, {json.object()}}", [.null, [.table([:])]]), ("{x = json.null}", ["x": .null]),
    ("{1, 'a', {2}}", [1, "a", [2]]), ("{1, nil, 3}", .table([1: 1, 3: 3])),
    ("{[2] = 1}", .table([2: 1])), ("{[0] = 1, [1] = 2}", .table([0: 1, 1: 2])),
    ("{1, x = 2}", .table([1: 1, "x": 2])), ("{[1.0] = 'one'}", ["one"]),
    ("{[1.5] = 1, [true] = 2}", .table([.number(1.5): 1, true: 2])),
    (
      "{[math.maxinteger] = 1, [math.mininteger] = 2}",
      .table([.integer(.max): 1, .integer(.min): 2])
    ),
    ("{['\\xff'] = 1}", .table([.bytes([255]): 1])),
  ]

  @Test(arguments: values)
  func `a script's value arrives as it is, and goes back so`(lua: String, expected: Value) throws {
    let bench = try Bench()
    _ = try bench.run("take(\(lua))")
    #expect(bench.taken == [[expected]])
    let script =
      "local a, b = \(lua), echo(\(lua)); return math.type(a) == math.type(b) and type(a) == type(b)"
    #expect(try bench.run(script) == true)
  }

  @Test func `zero keeps its sign and not-a-number its nature`() throws {
    let bench = try Bench()
    _ = try bench.run("take(-0.0, 0/0)")
    let numbers = bench.taken[0].compactMap(\.double)
    #expect(numbers[0] == 0 && numbers[0].sign == .minus && numbers[1].isNaN)
    #expect(try bench.run("local z, n = echo(-0.0, 0/0) return 1/z == -1/0 and n ~= n") == true)
  }

  @Test func `as many values come back as were given, nils too`() throws {
    let bench = try Bench()
    #expect(try bench.run("return select('#', echo(nil, 1, nil))") == 3)
    #expect(try bench.run("return select('#', echo())") == 0)
    #expect(try bench.run("return select('#', echo(table.unpack({}, 1, 200)))") == 200)
  }

  static let refusals: [(String, String)] = [
    ("take(print)", "script.lua:1: payload: a function cannot leave its script"),
    (
      "take(1, { list = { 1, 2, { cb = print } } })",
      "script.lua:1: second.list[3].cb: a function cannot leave its script"
    ),
    (
      "take { [json.null] = 1 }",
      "script.lua:1: payload[userdata]: a key of type userdata cannot be copied"
    ),
    ("take(1, 2, print)", "script.lua:1: argument 3: a function cannot leave its script"),
    ("take(coroutine.create(print))", "script.lua:1: payload: a thread cannot leave its script"),
    (
      "take({ [true] = { cancel } })",
      "script.lua:1: payload[boolean][1]: a userdata cannot leave its script"
    ),
    (
      "take({ [print] = 1 })",
      "script.lua:1: payload[function]: a key of type function cannot be copied"
    ),
    (
      "take({ x = { [{}] = 1 } })",
      "script.lua:1: payload.x[table]: a key of type table cannot be copied"
    ),
    (
      "local t = {} t.a = { t } take(t)",
      "script.lua:1: payload.a[1]: a table that contains itself cannot be copied"
    ),
    ("take({ ('x'):rep(2000) })", "script.lua:1: payload[1]: larger than 1000 bytes"),
    ("local s = ('x'):rep(400) take(s, s, s)", "script.lua:1: argument 3: larger than 1000 bytes"),
    (
      "local t = {} for i = 1, 200 do t = { t } end\ntake(t)",
      "script.lua:2: payload[1][1][1][1][1]: nested deeper than 5 tables"
    ),
    (
      "call(take, { [1.5] = print })",
      "script.lua:1: payload[number]: a function cannot leave its script"
    ),
  ]

  @Test(arguments: refusals)
  func `what cannot be copied is refused with its path`(lua: String, message: String) throws {
    let bench = try Bench(limits: IsolateLimits(messageBytes: 1000, messageDepth: 5))
    #expect(failure { try bench.run(lua) } == message)
    #expect(bench.taken.isEmpty)
    #expect(try bench.run("return echo({ 1 })[1]") == 1)
  }

  @Test func `a table that is named twice is copied twice`() throws {
    let bench = try Bench()
    _ = try bench.run("local t = { 1 } take({ t, t, { t } })")
    #expect(bench.taken == [[[[1], [1], [[1]]]]])
  }

  @Test(arguments: [1, 63, 64, 200])
  func `tables nest to the limit and not deeper`(limit: Int) throws {
    let bench = try Bench(limits: IsolateLimits(messageDepth: limit))
    let nested = "local t = 1 for i = 1, %d do t = { t } end "
    let within = nested.replacing("%d", with: "\(limit)") + "return select('#', echo(t))"
    #expect(try bench.run(within) == 1)
    let beyond = nested.replacing("%d", with: "\(limit + 1)") + "echo(t)"
    #expect(failure { try bench.run(beyond) }.hasSuffix("nested deeper than \(limit) tables"))
  }

  @Test func `a limit above 200 is 200`() throws {
    let bench = try Bench(limits: IsolateLimits(messageDepth: 100_000))
    let deep = "local t = 1 for i = 1, 201 do t = { t } end echo(t)"
    #expect(failure { try bench.run(deep) }.hasSuffix("nested deeper than 200 tables"))
  }

  @Test func `no metamethod runs while a table is read`() throws {
    let bench = try Bench()
    _ = try bench.run(
      """
      local function ran(name) return function() error(name .. " ran") end end
      local meta = {}
      for _, name in ipairs { "index", "newindex", "len", "pairs", "call", "eq", "tostring", "concat", "name" } do
        meta["__" .. name] = ran(name)
      end
      take(setmetatable({ 1, x = setmetatable({ 2 }, meta) }, meta))
      """)
    #expect(bench.taken == [[.table([1: 1, "x": [2]])]])
  }

  @Test func `a number that is a key or a value is not turned into text`() throws {
    let bench = try Bench()
    let script =
      "local t = { [3] = 4 } echo(t) local k, v = next(t) return math.type(k) .. math.type(v)"
    #expect(try bench.run(script) == "integerinteger")
  }

  @Test func `a message of just the limit passes`() throws {
    let bench = try Bench(limits: IsolateLimits(messageBytes: 1000))
    #expect(try bench.run("return #echo(('x'):rep(995))") == 995)
    #expect(failure { try bench.run("echo(('x'):rep(996))") }.hasSuffix("larger than 1000 bytes"))
  }

  @Test func `a value nested too deep by the host is an error in the script`() throws {
    let bench = try Bench()
    var deep: Value = 1
    for _ in 0..<201 { deep = [deep] }
    bench.answer = .value(deep)
    #expect(failure { try bench.run("ask()") }.contains("nested too deep"))
    bench.answer = .value(.table([.nil: 1]))
    #expect(failure { try bench.run("ask()") }.contains("index is nil"))
    bench.answer = .value("still here")
    #expect(try bench.run("return ask()") == "still here")
  }

  @Test func `a handle goes out and comes back as the same job`() throws {
    let bench = try Bench()
    bench.answer = .value(.job(JobHandle(index: 5, reuse: 6)))
    #expect(try bench.run("local a, b = ask(), ask() take(a) return a == b and a ~= 1") == true)
    #expect(bench.taken == [[.job(JobHandle(index: 5, reuse: 6))]])
  }

  @Test func `a result that cannot be copied is none`() throws {
    let bench = try Bench()
    #expect(try bench.run("return print") == .nil)
    #expect(try bench.run("local t = {} t[1] = t return t") == .nil)
    #expect(try bench.run("return { ok = true }, 2") == ["ok": true])
  }
}
