-- Metamethods: each of them, inherited, with errors, with the operands in either order, and through the libraries.
local events = { "add", "sub", "mul", "div", "mod", "pow", "unm", "idiv", "band", "bor", "bxor", "shl", "shr", "bnot", "concat" }
local operations = {
  add = "a + b", sub = "a - b", mul = "a * b", div = "a / b", mod = "a % b", pow = "a ^ b", unm = "-a", idiv = "a // b", band = "a & b",
  bor = "a | b", bxor = "a ~ b", shl = "a << b", shr = "a >> b", bnot = "~a", concat = "a .. b",
}
for round = 1, 60 do
  for _, event in ipairs(events) do
    local mt = { ["__" .. event] = function(x, y) return event, x, y end }
    local v = setmetatable({}, mt)
    local f = load("local a, b = ... return " .. operations[event])
    assert(f(v, 5) == event and (event == "unm" or event == "bnot" or f(5, v) == event))
    assert(not pcall(f, setmetatable({}, {}), {}))
    mt["__" .. event] = function() error("in " .. event, 0) end
    assert(select(2, pcall(f, v, 1)) == "in " .. event)
  end
  local mt = {}
  mt.__eq = function(x, y) return x.v == y.v end
  mt.__lt = function(x, y) return x.v < y.v end
  mt.__le = function(x, y) return x.v <= y.v end
  mt.__len = function(x) return x.v end
  mt.__tostring = function(x) return "<" .. x.v .. ">" end
  mt.__name = "number"
  mt.__call = function(x, ...) return x.v, select("#", ...) end
  local function new(v) return setmetatable({ v = v }, mt) end
  local list = {}
  for i = 1, 30 do list[i] = new((i * 17 + round) % 31) end
  table.sort(list)
  for i = 2, 30 do assert(list[i - 1] <= list[i] and (list[i - 1] < list[i] or list[i - 1] == list[i])) end
  assert(#new(7) == 7 and tostring(new(7)) == "<7>" and ("%s"):format(new(3)) == "<3>" and new(5) ~= new(6) and select(2, new(1)(nil, nil)) == 2)
  local log = {}
  local proxy = setmetatable({}, {
    __index = function(_, k) log[#log + 1] = "get " .. tostring(k) return k end,
    __newindex = function(t, k, v) log[#log + 1] = "set " .. tostring(k) rawset(t, k, v) end,
    __pairs = function(t) return function(_, k) k = (k or 0) + 1 if k <= 3 then return k, k * 10 end end, t, nil end,
  })
  assert(proxy.a == "a") proxy.a = 1 proxy.a = 2
  assert(table.concat(log, ";") == "get a;set a" and proxy.a == 2)
  local sum = 0
  for _, v in pairs(proxy) do sum = sum + v end
  assert(sum == 60)
  local base = {}
  base.__index = base
  function base:size() return 10 end
  local derived = setmetatable({}, base)
  derived.__index = derived
  assert(setmetatable({}, derived):size() == 10)
  local deep = {}
  for _ = 1, 80 do deep = setmetatable({}, { __index = deep }) end
  assert(deep.nothing == nil)
  assert(getmetatable("") == "string")
  assert(not pcall(setmetatable, setmetatable({}, { __metatable = false }), {}) and getmetatable(setmetatable({}, { __metatable = "kept" })) == "kept")
  assert(not pcall(setmetatable, {}, { __gc = print }))
end
local function rec(n) if n == 0 then return 0 end return 1 + rec(n - 1) end
for round = 1, 40 do
  local o = setmetatable({}, { __concat = function() rec(1500 + round) return "r" end })
  assert("a" .. "b" .. o == "ar" and o .. "b" == "r")
  local stored = setmetatable({}, { __newindex = function(_, k, v) rec(800) end, __index = function() return rec(700) end })
  stored.x = 1
  assert(stored.y == 700)
end
