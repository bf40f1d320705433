import LuaRuntime
import Testing

/// Depth: of calls, of C, of texts. On a stack as small as a worker's.
@Suite struct DepthTests {
  @Test(arguments: [
    "local function f() return (('x'):gsub('x', f)) end f()",
    "local function f() table.sort({ 3, 2, 1 }, function(a, b) f() return a < b end) end f()",
    "local m = {} m.__tostring = function() return string.format('%s', setmetatable({}, m)) end tostring(setmetatable({}, m))",
    "local m = {} m.__index = function(t, k) return t[k + 1] end return setmetatable({}, m)[1]",
    "local m = {} m.__concat = function(a, b) return a .. b end return setmetatable({}, m) .. 1",
    "local m = {} m.__eq = function(a, b) return a == b end return setmetatable({}, m) == setmetatable({}, m)",
    "local m = {} m.__close = function() local x <close> = setmetatable({}, m) end do local x <close> = setmetatable({}, m) end",
    "local function f() return pcall(f) end f() error()",
    "local function f() return xpcall(f, print) end f() error()",
    "local function f() return load(f) end error(select(2, f()))",
    "local function f() return coroutine.wrap(f)() end f()",
    "local function f() local ok, e = coroutine.resume(coroutine.create(f)) error(e, 0) end f()",
    "local m = {} m.__index = setmetatable({}, m) return setmetatable({}, m).x",
    "local t = {} for i = 1, 1e4 do t = setmetatable({}, { __index = t }) end return t.x",
    "local function f(n) take({ n }) if n > 0 then f(n - 1) end end f(5000) error()",
    "local function f() take(1) return (('x'):gsub('x', f)) end f()",
    "local t = {} for i = 1, 1e5 do t = { t } end take(t)",
    "error((('x'):rep(1e5)):find(('(x?'):rep(40) .. (')'):rep(40) .. 'y'))",
    "(('x'):rep(300)):find(('x?'):rep(300) .. 'y')",
    "local f = print for i = 1, 300 do local g = f f = coroutine.wrap(function() return g() end) end f() error()",
    """
    local function nest(n, f)
      if n == 0 then f() return end
      local _ = ('x'):gsub('x', function() nest(n - 1, f) end)
    end
    local chain = {}
    for i = 31, 1, -1 do
      chain[i] = coroutine.create(function()
        local x <close> = setmetatable({}, { __close = function()
          nest(190, function() if chain[i + 1] then assert(coroutine.close(chain[i + 1])) end end)
        end })
        coroutine.yield()
      end)
      coroutine.resume(chain[i])
    end
    error(select(2, coroutine.close(chain[1])))
    """,
    "return require", "error(string.format('%99.99f', 1e308))",
    "error(('%d'):rep(1e5):format(table.unpack({}, 1, 1e5)))",
  ])
  func `depth is an error, not the end of the process`(script: String) throws {
    try onStack(of: 1 << 20) {
      let bench = try Bench()
      let outcome = try bench.load(script)
      if case .failed = outcome {
      } else {
        #expect(script.hasPrefix("return") || script.contains("1e4"))
      }
      #expect(try bench.run("return 1") == 1)
    }
  }
}
