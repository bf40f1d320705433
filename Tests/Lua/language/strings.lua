-- Strings: every function that scripts have, compared with a slow definition.
local function reversed(s) local t = {} for i = #s, 1, -1 do t[#t + 1] = s:sub(i, i) end return table.concat(t) end
local seed = 7
local function random(n) seed = (seed * 1103515245 + 12345) % 2147483648 return seed % n end
local function word(n) local t = {} for i = 1, n do t[i] = string.char(97 + random(4)) end return table.concat(t) end
for round = 1, 300 do
  local s = word(random(60) + 1)
  assert(s:reverse() == reversed(s) and s:reverse():reverse() == s)
  assert(s:len() == #s and s:upper():lower() == s)
  assert(s:rep(3, "-") == s .. "-" .. s .. "-" .. s)
  for i = -#s - 2, #s + 2 do
    local from = i < 0 and math.max(#s + i + 1, 1) or math.max(i, 1)
    local t = {}
    for k = from, #s do t[#t + 1] = s:sub(k, k) end
    assert(s:sub(i) == table.concat(t), i)
  end
  local bytes = table.pack(s:byte(1, -1))
  assert(bytes.n == #s and string.char(table.unpack(bytes)) == s)
  local needle = word(2)
  local at = nil
  for k = 1, #s - 1 do if s:sub(k, k + 1) == needle then at = k break end end
  assert(s:find(needle, 1, true) == at and s:find(needle) == at)
  local count, plain = 0, s:gsub("a", "")
  for k = 1, #s do if s:sub(k, k) == "a" then count = count + 1 end end
  assert(select(2, s:gsub("a", "")) == count and #plain == #s - count)
  assert(s:gsub("%w", "%0%0") == s:gsub(".", function(c) return c .. c end))
  assert(s:gsub("%w", { a = "x", b = false }) == s:gsub("a", "x"))
  local joined = {}
  for piece in (s:gsub("c", ",") .. ","):gmatch("([^,]*),") do joined[#joined + 1] = piece end
  assert(table.concat(joined, "c") == s)
end
assert(("%d|%5d|%-5d|%05d|%x|%X|%o"):format(42, 42, 42, 42, 255, 255, 8) == "42|   42|42   |00042|ff|FF|10")
assert(("%s|%10s|%-10s|%.2s|%q"):format("hey", "hey", "hey", "hey", 'a"b\n') == 'hey|       hey|hey       |he|"a\\"b\\\n"')
assert(("%.3f|%g|%e|%a"):format(1 / 3, 1e20, 12345.678, 1.0) == "0.333|1e+20|1.234568e+04|0x1p+0")
assert(("%c%c"):format(76, 117) == "Lu" and ("%i"):format(3.0) == "3" and not pcall(string.format, "%d", 3.5))
assert(tostring(1e15) == "1e+15" and tostring(2 ^ 53) == "9.007199254741e+15" and tostring(-0.0) == "-0.0")
assert(("x"):rep(0) == "" and ("x"):rep(-1) == "" and not pcall(string.rep, "x", 1 << 40))
assert(("hello world"):match("^(%w+)%s(%w+)$") == "hello" and ("  trim "):match("^%s*(.-)%s*$") == "trim")
assert(("key = value"):find("(%w+)%s*=%s*(%w+)") == 1 and ("f(a(b)c)d"):match("%b()") == "(a(b)c)")
assert(("THE (quick) fox"):find("%((%a+)%)") == 5 and ("THE (quick) fox"):gsub("%f[%a]%a+", "W") == "W (W) W")
for _, format in ipairs { "<i4", ">I2", "<d", "z", "s1", "!8i8b", "<j>n" } do
  local values = { ["z"] = { "text" }, ["s1"] = { "text" }, ["<d"] = { 1.5 }, ["!8i8b"] = { 77, -3 }, ["<j>n"] = { 9, 0.5 } }
  local given = values[format] or { 513 }
  local got = table.pack(string.unpack(format, string.pack(format, table.unpack(given))))
  for i = 1, #given do assert(got[i] == given[i], format) end
end
for _, s in ipairs { "", "a", "äöü", "日本語", "\u{10FFFF}x" } do
  local codes, n = {}, 0
  for p, c in utf8.codes(s) do n = n + 1 codes[n] = c assert(utf8.codepoint(s, p) == c and utf8.offset(s, n) == p) end
  assert(utf8.len(s) == n and utf8.char(table.unpack(codes)) == s)
end
assert(utf8.len("\xff") == nil and not pcall(utf8.codepoint, "\xff"))
