import Testing

/// Scripts that return a text, with what stock Lua 5.4.4 returns.
struct LuaCase: Sendable, CustomTestStringConvertible {
  var lua: String
  var expected: String
  var testDescription: String { lua }
  init(_ expected: String, _ lua: String) {
    self.lua = lua
    self.expected = expected
  }

  /// `say(...)` gathers values, the case's result is them all.
  static let start = """
    local texts = {}
    local function say(...)
      local values = table.pack(...)
      for i = 1, values.n do texts[#texts + 1] = tostring(values[i]) end
    end
    local function closer(name, f)
      return setmetatable({}, { __close = function(_, e) say(name, e) if f then f(e) end end })
    end
    local create, resume, yield, status, wrap, close =
      coroutine.create, coroutine.resume, coroutine.yield, coroutine.status, coroutine.wrap, coroutine.close

    """
  static let end = "\nreturn table.concat(texts, ' ')"

  static let coroutines: [LuaCase] = [
    LuaCase(
      "true 1 2 true 3 4 true 5 dead",
      """
      local co = create(function(a, b) local c, d = yield(a, b) local e = yield(c, d) return e end)
      say(resume(co, 1, 2)) say(resume(co, 3, 4)) say(resume(co, 5)) say(status(co))
      """),
    LuaCase(
      "false cannot resume dead coroutine",
      """
      local co = create(function() end) resume(co) say(resume(co))
      """),
    LuaCase(
      "false case:1: x dead true",
      """
      local co = create(function() error("x") end) say(resume(co)) say(status(co)) say(select("#", close(co)) == 2)
      """),
    LuaCase(
      "suspended running normal false cannot resume non-suspended coroutine suspended true dead",
      """
      local co co = create(function()
        say(status(co))
        local inner = create(function() say(status(co)) say(resume(co)) end)
        resume(inner) yield()
      end)
      say(status(co)) resume(co) say(status(co)) say(resume(co)) say(status(co))
      """),
    LuaCase(
      "false cannot resume non-suspended coroutine",
      """
      local co co = create(function() say(resume(co)) end) resume(co)
      """),
    LuaCase(
      "false case:1: inner",
      """
      say(pcall(wrap(function() error("inner") end)))
      """),
    LuaCase(
      "false table",
      """
      local ok, e = pcall(wrap(function() error({}) end)) say(ok, type(e))
      """),
    LuaCase("false nil", "say(pcall(wrap(function() error() end)))"),
    LuaCase(
      "false case:1: cannot resume dead coroutine",
      """
      local f = wrap(function() end) f() say(pcall(function() f() end))
      """),
    LuaCase(
      "out case:1: x false case:2: case:1: x",
      """
      local f = wrap(function() local a <close> = closer("out") error("x") end)
      say(pcall(function() f() end))
      """),
    LuaCase(
      "b nil a nil true dead",
      """
      local co = create(function() local a <close> = closer("a") local b <close> = closer("b") yield() end)
      resume(co) say(close(co)) say(status(co))
      """),
    LuaCase(
      "b nil a B false B dead true",
      """
      local co = create(function()
        local a <close> = closer("a") local b <close> = closer("b", function() error("B", 0) end) yield()
      end)
      resume(co) say(close(co)) say(status(co)) say(close(co))
      """),
    LuaCase("true true", "local co = create(print) say(close(co)) say(close(co))"),
    LuaCase(
      "false cannot close a running coroutine",
      """
      local co co = create(function() say(pcall(close, co)) end) resume(co)
      """),
    LuaCase(
      "false cannot close a normal coroutine",
      """
      local co co = create(function() wrap(function() say(pcall(close, co)) end)() end) resume(co)
      """),
    LuaCase(
      "true 1 true 2 true caught 3 true",
      """
      local co = create(function()
        say(pcall(function() yield(1) yield(2) error("caught", 0) end)) return 3
      end)
      say(resume(co)) say(resume(co))
      local ok, three = resume(co) texts[5], texts[6] = "true", "caught" say(three, ok)
      """),
    LuaCase(
      "1 handled x false! after",
      """
      local f = wrap(function()
        local ok, e = xpcall(function() yield(1) error("x", 0) end, function(m) return "handled " .. m end)
        yield(e .. " " .. tostring(ok) .. "!") return "after"
      end)
      say(f()) say(f()) say(f())
      """),
    LuaCase("1 2 3", "for v in wrap(function() for i = 1, 3 do yield(i) end end) do say(v) end"),
    LuaCase(
      "key 7",
      """
      local t = setmetatable({}, { __index = function(_, k) return yield(k) end })
      local f = wrap(function() return t.key end) say(f()) say(f(7))
      """),
    LuaCase(
      "call 1 true",
      """
      local t = setmetatable({}, { __call = function(_, a) return yield("call", a) end })
      local f = wrap(function() return t(1) end) say(f()) say(f(true))
      """),
    LuaCase(
      "add lt eq concat len 1 true true c 4",
      """
      local meta = {}
      for _, n in ipairs { "add", "lt", "eq", "concat", "len" } do meta["__" .. n] = function() return yield(n) end end
      local a, b = setmetatable({}, meta), setmetatable({}, meta)
      local f = wrap(function() return a + b, a < b, a == b, a .. b, #a end)
      say(f()) say(f(1)) say(f(true)) say(f(true)) say(f("c")) say(f(4))
      """),
    LuaCase(
      "it 1 2 end",
      """
      local function iterate(_, i) return yield("it") end
      local f = wrap(function() for i in iterate do say(i) end return "end" end)
      say(f()) f(1) f(2) say(f(nil))
      """),
    LuaCase(
      "closing closed",
      """
      local f = wrap(function()
        do local c <close> = setmetatable({}, { __close = function() yield("closing") end }) end return "closed"
      end)
      say(f()) say(f())
      """),
    LuaCase(
      "closing false x",
      """
      local f = wrap(function()
        return pcall(function()
          local c <close> = setmetatable({}, { __close = function() yield("closing") end }) error("x", 0)
        end)
      end)
      say(f()) say(f())
      """),
    LuaCase(
      "false attempt to yield across a C-call boundary",
      """
      say(resume(create(function() table.sort({ 3, 2, 1 }, function(a, b) yield() return a < b end) end)))
      """),
    LuaCase(
      "false attempt to yield across a C-call boundary",
      """
      say(resume(create(function() return (("x"):gsub("x", function() yield() end)) end)))
      """),
    LuaCase(
      "x y xy",
      """
      local s = ("xy"):gsub(".", function(c) local f = wrap(function() yield(c) end) say(f()) return c end) say(s)
      """),
    LuaCase(
      "true false thread true",
      """
      wrap(function()
        local co, main = coroutine.running() say(coroutine.isyieldable(), main, type(co), coroutine.isyieldable(co))
      end)()
      """),
    LuaCase(
      "false true",
      """
      wrap(function() table.sort({ 2, 1 }, function(a, b) say(coroutine.isyieldable()) return a < b end) end)()
      say(coroutine.isyieldable(create(print)) ~= nil)
      """),
    LuaCase("thread suspended", "local co = create(function() end) say(type(co), status(co))"),
    LuaCase(
      "false bad argument #1 to 'coroutine.create' (function expected, got number)",
      "say(pcall(create, 1))"),
    LuaCase(
      "false bad argument #1 to 'coroutine.create' (function expected, got table)",
      "say(pcall(create, setmetatable({}, {})))"),
    LuaCase(
      "false C stack overflow",
      """
      local function f() return wrap(f)() end local ok, e = pcall(f) say(ok, (e:match("C stack overflow$")))
      """),
    LuaCase(
      "false x a x",
      """
      local co = create(function() local a <close> = closer("a") error("x", 0) end)
      say(resume(co)) close(co)
      """),
    LuaCase(
      "one y two y false two",
      """
      local f = wrap(function()
        local b <close> = closer("two", function(e) error("two", 0) end)
        local a <close> = closer("one", function(e) error(e, 0) end) error("y", 0)
      end)
      say(pcall(f))
      """),
    LuaCase(
      "nil nil 0",
      """
      local f = wrap(function() yield() yield(nil, nil) end) say(select("#", f())) texts = {} say(f()) say(select("#", f()))
      """),
    LuaCase(
      "deep 20",
      """
      local function nest(n) if n == 0 then yield("deep") return 0 end
        local co = create(nest) local _, r = resume(co, n - 1)
        while status(co) ~= "dead" do yield(r) _, r = resume(co) end return r + 1
      end
      local f = wrap(nest) say(f(20)) say(f())
      """),
    LuaCase(
      "false arithmetic",
      """
      local ok, e = resume(create(function() return nil + 1 end)) say(ok, (e:match("arithmetic")))
      """),
  ]
}
