-- Control: closures in loops, goto, varargs, integer and float loops, precedence, multiple assignment, attribs.
for round = 1, 150 do
  local fs = {}
  for i = 1, 20 do local j = i * 2 fs[i] = function(d) j = j + (d or 0) return i, j end end
  for i = 1, 20 do local a, b = fs[i](round) assert(a == i and b == i * 2 + round and select(2, fs[i]()) == b) end
  local i, evens = 0, {}
  ::top::
  i = i + 1
  if i > 40 then goto done end
  if i % 2 == 1 then goto top end
  evens[#evens + 1] = i
  goto top
  ::done::
  assert(#evens == 20 and evens[20] == 40)
  for a = 1, 3 do for b = 1, 3 do if b == 2 then goto continue end assert(b ~= 2) ::continue:: end end
  local function count(...) local n = select("#", ...) if n == 0 then return 0 end return 1 + count(select(2, ...)) end
  assert(count(table.unpack({}, 1, 60)) == 60 and (count(1, nil, nil)) == 3)
  local function last(...) return (select(select("#", ...), ...)) end
  assert(last(1, 2, round) == round and select(-1, 4, 5) == 5 and not pcall(select, 0))
  local n = 0
  for x = 1, 0 do n = n + 1 end
  for x = 3, 1, -1 do n = n + x end
  for x = math.maxinteger - 2, math.maxinteger do n = n + 1 end
  for x = 1.0, 2.0, 0.25 do n = n + 1 end
  assert(n == 6 + 3 + 5 and not pcall(load("for x = 1, 10, 0 do end")))
  local t, k = {}, 1
  k, t[k], t.x = k + 1, "one", k
  assert(k == 2 and t[1] == "one" and t.x == 1)
  local a, b, c = (function() return 1, 2, 3 end)(), 9
  assert(a == 1 and b == 9 and c == nil)
  assert(2 ^ 3 ^ 2 == 512 and -2 ^ 2 == -4 and not nil == true and 1 .. 2 == "12" and "10" + 5 == 15)
  assert((1 or error()) == 1 and (nil and error()) == nil and (false or nil) == nil and 1 < 2 == true)
  local const <const> = round
  assert(const == round and not load("local x <const> = 1; x = 2") and not load("goto nowhere") and not load("break"))
  local s = 0
  repeat local stop = s >= 5 s = s + 1 until stop
  assert(s == 6)
  local log = {}
  do
    local x <close> = setmetatable({}, { __close = function(_, e) log[#log + 1] = e or "none" end })
  end
  pcall(function() local x <close> = setmetatable({}, { __close = function(_, e) log[#log + 1] = e end }) error("boom", 0) end)
  for _ in (function() return nil end), nil, nil, setmetatable({}, { __close = function() log[#log + 1] = "loop" end }) do end
  while true do local x <close> = setmetatable({}, { __close = function() log[#log + 1] = "break" end }) break end
  assert(table.concat(log, ",") == "none,boom,loop,break")
end
-- Constants beyond the 255 that an instruction can name.
local parts = { "local t = {} " }
for i = 1, 300 do parts[#parts + 1] = ("t[%d] = 'c%d' "):format(i, i) end
parts[#parts + 1] = "return t, 1 ~ (2 or 3), 1 | (2 or 3), _ENV"
local t, x, o = load(table.concat(parts))()
assert(t[300] == "c300" and x == 3 and o == 3 and select("#", load("return _ENV[1 < 2]")()) == 1)
