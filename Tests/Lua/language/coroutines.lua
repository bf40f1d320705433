-- Coroutines: every way in and out, nested, through C calls that can yield, with variables to close.
local function gen(n) return coroutine.wrap(function() for i = 1, n do coroutine.yield(i) end end) end
local function filter(p, g) return coroutine.wrap(function() while true do local n = g() if n == nil then return end if n % p ~= 0 then coroutine.yield(n) end end end) end
local function primes(n)
  local g = coroutine.wrap(function() for i = 2, n do coroutine.yield(i) end end)
  local found = {}
  while true do local p = g() if p == nil then return found end found[#found + 1] = p if p * p <= n then g = filter(p, g) end end
end
assert(table.concat(primes(300), " "):match("283 293$"))
for round = 1, 200 do
  local sum = 0
  for v in gen(50) do sum = sum + v end
  assert(sum == 1275)
  local co = coroutine.create(function(...) local n = select("#", ...) local a = coroutine.yield(n) error({ a }) end)
  assert(select(2, coroutine.resume(co, 1, nil, 3)) == 3 and coroutine.status(co) == "suspended")
  local ok, e = coroutine.resume(co, round)
  assert(not ok and e[1] == round and coroutine.status(co) == "dead")
  assert(select(2, coroutine.resume(co)) == "cannot resume dead coroutine")
  local order = {}
  local closing = coroutine.create(function()
    local a <close> = setmetatable({}, { __close = function() order[#order + 1] = "a" end })
    local b <close> = setmetatable({}, { __close = function() order[#order + 1] = "b" end })
    coroutine.yield()
  end)
  coroutine.resume(closing)
  assert(coroutine.close(closing) and table.concat(order) == "ba" and coroutine.status(closing) == "dead")
  local through = coroutine.wrap(function()
    local ok, a, b = pcall(function() return coroutine.yield(1), (coroutine.yield(2)) end)
    local ok2, e = xpcall(function() coroutine.yield(3) error("x", 0) end, function(m) return m .. "!" end)
    return ok, a, b, ok2, e
  end)
  assert(through() == 1 and through("p") == 2 and through("q") == 3)
  local ok, a, b, ok2, e = through()
  assert(ok and a == "p" and b == "q" and ok2 == false and e == "x!")
  local mt = setmetatable({}, { __index = function(_, k) return coroutine.yield(k) end, __add = function(_, n) return coroutine.yield(n) end,
    __lt = function() return coroutine.yield("lt") end, __concat = function() return coroutine.yield("cc") end, __call = function(_, v) return coroutine.yield(v) end })
  local meta = coroutine.wrap(function() return mt.key, mt + 5, mt < mt, mt .. "x", mt(9) end)
  assert(meta() == "key" and meta("A") == 5 and meta("B") == "lt" and meta(true) == "cc" and meta("D") == 9)
  local a1, b1, c1, d1, e1 = meta("E")
  assert(a1 == "A" and b1 == "B" and c1 == true and d1 == "D" and e1 == "E")
  local inner
  inner = coroutine.create(function() return coroutine.status(inner), coroutine.isyieldable(), coroutine.running() == inner end)
  local _, status, yieldable, same = coroutine.resume(inner)
  assert(status == "running" and yieldable and same)
  assert(not pcall(coroutine.wrap(function() table.sort({ 2, 1, 3 }, function(a, b) coroutine.yield() return a < b end) end)))
end
local depth = 0
local function nest(n) if n == 0 then depth = depth + 1 return "bottom" end return coroutine.wrap(function() return nest(n - 1) end)() end
for _ = 1, 40 do assert(nest(60) == "bottom") end
assert(depth == 40 and not pcall(nest, 400))
