-- Errors: each raised error arrives with its position through every protected call; compile errors name their line.
for round = 1, 80 do
  local values = { "text", 42, 4.5, true, false, {}, print }
  for _, v in ipairs(values) do
    local ok, e = pcall(error, v)
    assert(not ok and e == v)
    ok, e = xpcall(error, function(m) return { m } end, v)
    assert(not ok and e[1] == v)
  end
  assert(select(2, pcall(error)) == nil)
  local ok, e = pcall(function() error("here") end)
  assert(e:match("^[%w_./]+:%d+: here$"))
  ok, e = pcall(function() error("caller", 2) end)
  assert(e:match("caller$"))
  ok, e = pcall(function() local t = nil return t.x end)
  assert(e:match("attempt to index a nil value %(local 't'%)"))
  ok, e = pcall(function() return ({}).a.b end)
  assert(e:match("attempt to index a nil value %(field 'a'%)"))
  ok, e = pcall(function() return absent() end)
  assert(e:match("attempt to call a nil value %(global 'absent'%)"))
  ok, e = pcall(function() return ("x"):absent() end)
  assert(e:match("attempt to call a nil value %(method 'absent'%)"))
  ok, e = pcall(function() return {} < {} end)
  assert(e:match("attempt to compare two table values"))
  ok, e = pcall(function() return 1 < "2" end)
  assert(e:match("attempt to compare number with string"))
  ok, e = pcall(string.rep)
  assert(e:match("bad argument #1 to 'rep'") or e:match("bad argument #1 to 'string.rep'"), e)
  ok, e = pcall(assert, false, { round })
  assert(e[1] == round and select(2, pcall(assert, nil)) == "assertion failed!" and assert(1, 2) == 1)
  local nested = {}
  local function level(n)
    local ok, e = pcall(function() if n == 0 then error("bottom", 0) end level(n - 1) end)
    nested[#nested + 1] = n
    if not ok then error(e .. n, 0) end
  end
  ok, e = pcall(level, 12)
  assert(e == "bottom" .. "0123456789101112" and #nested == 13)
  local chunk, why = load("x = = 1", "=chunk")
  assert(not chunk and why:match("^%(load%) chunk:1: unexpected symbol near '='$"))
  chunk, why = load("\n\nlocal function f( end", "=chunk")
  assert(not chunk and why:match("^%(load%) chunk:3:"))
  chunk, why = load("local s = [[open", "=chunk")
  assert(not chunk and why:match("unfinished long string"))
  assert(load("return ...", "=c", "t", {})(round) == round and not load(string.char(27) .. "Lua"))
  local pieces, at = { "return ", "1 ", "+ ", tostring(round) }, 0
  assert(load(function() at = at + 1 return pieces[at] end)() == 1 + round)
  local env = { y = round }
  assert(load("y = y + 1 return y", "=e", "t", env)() == round + 1 and env.y == round + 1)
end
local ok, e = pcall(function() local function f() return f() + 1 end return f() end)
assert(not ok and (e:match("stack overflow") or e:match("not enough memory")))
