import Testing

@testable import LuaSyntax

@Suite struct GlobalUsesTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let text: String
    /// As `line:name`.
    let reads: [String]
    let assigned: Set<String>
    let tested: Set<String>
    var testDescription: String { text }

    init(
      _ text: String, reads: [String] = [], assigned: Set<String> = [], tested: Set<String> = []
    ) {
      self.text = text
      self.reads = reads
      self.assigned = assigned
      self.tested = tested
    }
  }

  private static let names = [
    Case("f(a.b.c, a[\"d\"], a[e])", reads: ["1:f", "1:e", "1:a", "1:a.b", "1:a.d"]),
    Case("x = 1 y.z = 2 y.z.w = 3", reads: ["1:y", "1:y.z"], assigned: ["x", "y.z"]),
    Case(
      "function f() end function g.h() end function g.i.j:k() end", reads: ["1:g", "1:g.i"],
      assigned: ["f", "g.h"]),
    Case("_G.x = 1 _G['y'] = 2 _ENV.z = _G.w", reads: ["1:w"], assigned: ["x", "y", "z"]),
    Case(
      "rawset(_G, 'x', 1) local a = rawget(_G, 'y')", reads: ["1:rawset", "1:rawget"],
      assigned: ["x"], tested: ["y"]),
    Case("a, b.c, d = e", reads: ["1:e", "1:b"], assigned: ["a", "b.c", "d"]),
    Case("for k, v in pairs(_G) do print(k, v) end", reads: ["1:pairs", "1:print"]),
    Case("f{x = y, [z] = 1; w, v = nil}", reads: ["1:f", "1:y", "1:z", "1:w"]),
    Case("s:m(x):n \"t\"", reads: ["1:s", "1:x"]),
    Case("return (a)(b)", reads: ["1:a", "1:b"]),
    Case("test('t', function() expect(x) end) expect(1)", reads: ["1:test", "1:x", "1:expect"]),
  ]

  private static let scopes = [
    Case("local x = x local function f() return f, x end", reads: ["1:x"]),
    Case("local f = function() return f end", reads: ["1:f"]),
    Case("do local x end return x", reads: ["1:x"]),
    Case("repeat local x until x return x", reads: ["1:x"]),
    Case("for i = i, 2 do local j = i end return j", reads: ["1:i", "1:j"]),
    Case("for a, b in a do f(a, b) end", reads: ["1:a", "1:f"]),
    Case(
      "function t.f(a, ...) return a, self, ... end", reads: ["1:t", "1:self"], assigned: ["t.f"]),
    Case("local t function t:f(a) return a, self, b end", reads: ["1:b"]),
    Case("local x <const>, y <close> = z return x, y", reads: ["1:z"]),
    Case("local x local x do local x end return x"),
    Case("if a then local b elseif b then end", tested: ["a", "b"]),
    Case("do goto done end local x = 1 ::done:: y = x", assigned: ["y"]),
    Case("do local _ENV = {} x = y end z = 1", assigned: ["z"]),
    Case("local function f(_ENV) return x end"),
  ]

  private static let tests = [
    Case("if x then x.y() end", reads: ["1:x.y"], tested: ["x"]),
    Case("while not x do end repeat until x == nil", tested: ["x"]),
    Case("local y = x and x.z", reads: ["1:x.z"], tested: ["x"]),
    Case("local y = x or 5", tested: ["x"]),
    Case("local y = a and b or c", reads: ["1:b", "1:c"], tested: ["a"]),
    Case("if a and b or c then end", tested: ["a", "b", "c"]),
    Case(
      "local unpack = table.unpack or unpack", reads: ["1:table"],
      tested: ["table.unpack", "unpack"]),
    Case(
      "if type(x) == 'table' then x.y = 1 end assert(z, 'no z')",
      reads: ["1:type", "1:x", "1:assert"], assigned: ["x.y"], tested: ["x", "z"]),
    Case("if true ~= x then end", tested: ["x"]),
    Case("if x > 1 then end", reads: ["1:x"]),
    Case("if x == y then end", reads: ["1:x", "1:y"]),
    Case("if os.execute then end", reads: ["1:os"], tested: ["os.execute"]),
    Case("local y = -x ^ -z .. #w + 1", reads: ["1:x", "1:z", "1:w"]),
  ]

  private static let texts = [
    Case("--[==[ x ]] \n ]==] a = [[\n\n]] .. b", reads: ["4:b"], assigned: ["a"]),
    Case("a = '\\'' .. \"\\\"\" .. '\\\n' .. b", reads: ["2:b"], assigned: ["a"]),
    Case("a = '\\z  \n\n  x' b = c", reads: ["3:c"], assigned: ["a", "b"]),
    Case("-- x\r\n--y\n\r a = b", reads: ["3:b"], assigned: ["a"]),
    Case("a = 0x1p-3 + 1e+5 - .5 + 3. b = 0xA.8p1 c=1//2", assigned: ["a", "b", "c"]),
    Case("a = 1 ..b", reads: ["1:b"], assigned: ["a"]),
    Case("--x", reads: []),
    Case("", reads: []),
    Case("return;", reads: []),
    Case("a = b --[[c]] d = e --[= f", reads: ["1:b", "1:e"], assigned: ["a", "d"]),
  ]

  @Test(arguments: names + scopes + tests + texts)
  func `the globals of a text are found`(example: Case) {
    let uses = GlobalUses.read(Array(example.text.utf8))
    #expect(!uses.isOpen)
    #expect(uses.reads.filter { !$0.isTest }.map(Self.shown).sorted() == example.reads.sorted())
    #expect(Set(uses.assigned.map(Self.shown)) == example.assigned)
    let tested = uses.tested.union(uses.reads.filter(\.isTest).map(\.name))
    #expect(Set(tested.map(Self.shown)) == example.tested)
  }

  @Test(arguments: [
    "_ENV = {}", "local e = _ENV", "f(_G)", "_G[k] = 1", "rawset(_G, k, 1)", "load('x = 1')()",
    "pcall(load, 'x = 1')", "setmetatable({}, { __index = _G })",
    "x = = 1", "x = [[", "if x then", "x = 'a", "\"", "--[[", "f(", "a.1 = 2", "end",
  ])
  func `nothing is said of a text that may set any global, or that is not Lua`(text: String) {
    #expect(GlobalUses.read(Array(text.utf8)).isOpen)
  }

  @Test func `the modules that a text requires are found`() {
    let text = "local a = require 'a' every('1s', function() require('lib.b').f(require(c)) end)"
    #expect(GlobalUses.read(Array(text.utf8)).required == ["a", "lib.b"])
  }

  @Test(arguments: ["(", "{", "f(", "function() return ", "a[", "- ", "not "])
  func `a deep text neither overflows the stack nor takes long`(part: String) throws {
    let closing = ["(": ")", "{": "}", "f(": ")", "function() return ": " end", "a[": "]"]
    func nested(_ depth: Int) -> GlobalUses {
      let text =
        "return " + String(repeating: part, count: depth) + "x"
        + String(repeating: closing[part] ?? "", count: depth)
      return GlobalUses.read(Array(text.utf8))
    }
    #expect(!nested(90).isOpen)
    _ = nested(1_000_000)
    #expect(!nested(90).reads.isEmpty)
  }

  @Test func `a text of many names, and a long chain of operators, take linear time`() {
    let locals = (0..<150).map { "local a\($0) = \($0)\n" }.joined()
    let chain = "x = " + (0..<50_000).map { "a\($0 % 150)" }.joined(separator: " .. ")
    let blocks = String(repeating: "do local y = f(a1) end\n", count: 20_000)
    let uses = GlobalUses.read(Array((locals + chain + "\n" + blocks).utf8))
    #expect(!uses.isOpen)
    #expect(uses.reads.count == 20_000 && uses.assigned == [GlobalUses.Name("x")])
  }

  @Test func `random bytes and pieces of Lua are read to their end`() {
    var seed: UInt64 = 7
    func random(_ bound: Int) -> Int {
      seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(seed >> 33) % bound
    }
    let pieces = [
      "x", " ", "\n", "local ", "function ", "end ", "(", ")", "{", "}", "[", "]", "=", "==", "..",
      "\"", "'", "[[", "]]", "--", "\\", "if ", "then ", "1", "0x", "and ", ",", ";", ":", ".",
      "return ", "_ENV", "<const>", "\u{e9}",
    ]
    for _ in 0..<3_000 {
      let text = (0..<random(40)).map { _ in pieces[random(pieces.count)] }.joined()
      _ = GlobalUses.read(Array(text.utf8))
      _ = GlobalUses.read((0..<random(40)).map { _ in UInt8(random(256)) })
    }
  }

  private static func shown(_ read: GlobalUses.Read) -> String {
    "\(read.line):\(shown(read.name))"
  }

  private static func shown(_ name: GlobalUses.Name) -> String {
    name.global + (name.field.map { "." + $0 } ?? "")
  }
}
