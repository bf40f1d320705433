-- Replaces the functions that differ in a simulation: time is virtual, and random values come from the seed.
-- Runs after prelude.lua, with its table of host functions.

local host = ...
local error, format, pairs, select, tostring, type = error, string.format, pairs, select, tostring, type
local floor, randomseed = math.floor, math.randomseed

-- Number the C functions now. Otherwise their order would depend on which one a script converts to text first.
for _, value in pairs(_G) do
  if type(value) == "function" then tostring(value) end
  if type(value) == "table" and value ~= _G then
    for _, inner in pairs(value) do
      if type(inner) == "function" then tostring(inner) end
    end
  end
end

local seed, draws = host.seed(), 0
randomseed(seed)
host.seed_random(seed)

function math.randomseed(...)
  if select("#", ...) > 0 then return randomseed(...) end
  draws = draws + 1
  return randomseed(seed, draws)
end

function os.clock() return host.cpu_time() end

function os.time(date)
  if date == nil then return floor(host.now()) end
  if type(date) ~= "table" then
    error(format("bad argument #1 to 'time' (table expected, got %s)", type(date)), 2)
  end
  local fields = {}
  for _, name in pairs { "year", "month", "day", "hour", "min", "sec" } do
    local value = date[name]
    if value == nil and (name == "year" or name == "month" or name == "day") then
      error(format("field '%s' missing in date table", name), 2)
    end
    fields[name] = value
  end
  local time = host.instant(fields)
  for name, value in pairs(host.local_time(time, false)) do date[name] = value end
  return time
end

function os.date(text, time)
  text = text == nil and "%c" or tostring(text)
  time = time == nil and floor(host.now()) or floor(time)
  local is_utc = text:sub(1, 1) == "!"
  if is_utc then text = text:sub(2) end
  if text:sub(1, 2) == "*t" then return host.local_time(time, is_utc) end
  return host.date(time, text, is_utc and "UTC" or nil)
end
