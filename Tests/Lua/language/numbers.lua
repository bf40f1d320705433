-- Numbers: integers that wrap, floats that do not, conversions, division, bits, and the math library.
local seed = 3
local function random(n) seed = (seed * 1103515245 + 12345) % 2147483648 return seed % n end
assert(math.maxinteger + 1 == math.mininteger and math.mininteger // -1 == math.mininteger and math.mininteger % -1 == 0)
assert(1 // 0.0 == math.huge and -1 // 0.0 == -math.huge and 0 / 0 ~= 0 / 0 and not pcall(function() return 1 // 0 end) and not pcall(function() return 1 % 0 end))
for _ = 1, 4000 do
  local a, b = random(2000) - 1000, random(99) - 49
  if b ~= 0 then
    assert(a == (a // b) * b + a % b and (a % b == 0 or (a % b < 0) == (b < 0)))
    assert((a + 0.0) // b == a // b and (a + 0.0) % b == a % b and math.fmod(a, b) == a - b * (a / b >= 0 and math.floor(a / b) or math.ceil(a / b)))
  end
  assert(math.type(a) == "integer" and math.type(a + 0.0) == "float" and a + 0.0 == a and math.tointeger(a + 0.0) == a)
  assert(tonumber(tostring(a)) == a and tonumber(("%x"):format(a & 0xffff), 16) == a & 0xffff)
  local x, y = random(1 << 30), random(1 << 30)
  assert((x ~ y) ~ y == x and (x | y) == (x + y) - (x & y) and ~x == -x - 1 and (x << 3) >> 3 == x and x >> 64 == 0 and x << -1 == x >> 1)
  assert(math.ult(a, b) == ((a ~ math.mininteger) < (b ~ math.mininteger)))
  local f = (random(100000) - 50000) / 8
  assert(math.floor(f) <= f and math.ceil(f) >= f and math.ceil(f) - math.floor(f) <= 1 and math.abs(f) >= 0)
  local whole, part = math.modf(f)
  assert(whole + part == f and math.max(f, a) >= math.min(f, a) and math.sqrt(f * f) == math.abs(f))
end
assert(0x7fffffffffffffff == math.maxinteger and 0xffffffffffffffff == -1 and 1e308 * 10 == math.huge and 9007199254740993 ~= 9007199254740992.0)
assert(math.tointeger("8") == nil or math.tointeger("8") == 8) -- versions differ
assert(math.tointeger(3.5) == nil and tonumber("0x1p4") == 16 and tonumber(" 10 ") == 10 and tonumber("1e") == nil and tonumber("z", 36) == 35)
assert("10" * "2" == 20 and 10 .. "" == "10" and not pcall(function() return "a" + 1 end) and not pcall(function() return 1.5 | 1 end))
assert(1 < 1.5 and 1 == 1.0 and math.mininteger < -2 ^ 62 and math.maxinteger < 2 ^ 63 and not (math.maxinteger + 0.0 < math.maxinteger))
assert(#tostring(math.pi) == 15 and math.exp(0) == 1 and math.log(8, 2) == 3 and math.log(100, 10) == 2)
local counts = {}
math.randomseed(42)
for _ = 1, 6000 do local r = math.random(6) assert(r >= 1 and r <= 6) counts[r] = (counts[r] or 0) + 1 end
for i = 1, 6 do assert(counts[i] > 700) end
local first = math.random(1 << 40)
math.randomseed(42)
for _ = 1, 6000 do math.random(6) end
assert(math.random(1 << 40) == first and math.random(0) and not pcall(math.random, 2, 1))
