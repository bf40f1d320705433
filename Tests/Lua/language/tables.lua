-- Tables: growth, holes, borders, traversal while fields are removed, and the table library compared with slow definitions.
local seed = 11
local function random(n) seed = (seed * 1103515245 + 12345) % 2147483648 return seed % n end
for round = 1, 40 do
  local t, model, keys = {}, {}, {}
  for _ = 1, 400 do
    local k = random(3) == 0 and ("k" .. random(90)) or random(2) == 0 and random(120) or random(50) + 0.5
    local v = random(5) > 0 and random(1000) or nil
    t[k] = v
    if v == nil then model[tostring(k)] = nil else model[tostring(k)] = v end
  end
  local seen = 0
  for k, v in pairs(t) do assert(model[tostring(k)] == v) seen = seen + 1 end
  local expected = 0
  for _ in next, model do expected = expected + 1 end
  assert(seen == expected)
  for k in pairs(t) do t[k] = nil end
  assert(next(t) == nil)
end
for round = 1, 60 do
  local list, copy = {}, {}
  for _ = 1, random(80) do
    local at, v = random(#list + 1) + 1, random(1000)
    table.insert(list, at, v)
    for i = #copy, at, -1 do copy[i + 1] = copy[i] end
    copy[at] = v
    if #list > 0 and random(4) == 0 then
      local out = random(#list) + 1
      local taken, slow = table.remove(list, out), copy[out]
      for i = out, #copy do copy[i] = copy[i + 1] end
      assert(taken == slow)
    end
  end
  assert(#list == #copy and table.concat(list, ",") == table.concat(copy, ","))
  local sorted = table.move(list, 1, #list, 1, {})
  table.sort(sorted)
  for i = 2, #sorted do assert(sorted[i - 1] <= sorted[i]) end
  local down = table.move(list, 1, #list, 1, {})
  table.sort(down, function(a, b) return a > b end)
  for i = 1, #down do assert(down[i] == sorted[#sorted - i + 1]) end
  assert(select("#", table.unpack(list, 1, #list)) == #list)
  assert(#table.move(list, 1, #list, 3, { 1, 2 }) == #list + 2)
end
local packed = table.pack(nil, 2, nil)
assert(packed.n == 3 and select("#", table.unpack(packed, 1, packed.n)) == 3)
assert(not pcall(table.insert, { 1, 2 }, 5, 0) and not pcall(table.concat, { {} }))
assert(not pcall(table.sort, { 1, "a" }) and not pcall(table.sort, { 3, 1, 2, 5, 4, 8, 7 }, function() return true end) or true)
assert(not pcall(next, {}, "absent") and rawlen({ 1, 2 }) == 2 and rawequal("a", "a"))
local big = {}
for i = 1, 20000 do big[i] = i end
for i = 20000, 1, -1 do assert(#big == i) big[i] = nil end
local weak = setmetatable({}, { __mode = "v" })
for i = 1, 2000 do weak[i] = { i } end
collectgarbage()
for i = 1, 2000 do assert(weak[i] == nil or weak[i][1] == i) end
