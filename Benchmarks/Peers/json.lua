-- Reads and writes JSON by a codec, and gives the megabytes a second of processor time. JSONBenchmark runs this file in a
-- script with `json`, and in stock Lua with lua-cjson:
--
--     lua5.4 json.lua ROUNDS

local function records()
  local list = {}
  for i = 1, 10000 do
    list[i] = {
      id = i, name = "item " .. i, price = i * 1.25, active = i % 2 == 0, tags = { "red", "green" },
      note = "some longer text that makes it as large as records are, " .. i,
    }
  end
  return list
end

local function floats()
  local list, seed = {}, 42
  for i = 1, 100000 do
    seed = (seed * 1103515245 + 12345) % 2147483648
    list[i] = seed / 2147483647
  end
  return list
end

local function lines(text)
  local list = {}
  for i = 1, 1000 do list[i] = text:rep(20) end
  return list
end

local small = { id = 12345, name = "Widget", price = 9.99, tags = { "a", "b" }, active = true }

-- Value and how many calls a round makes.
local loads = {
  { "one small object", small, 20000 }, { "10,000 records", records(), 1 }, { "100,000 floats", floats(), 1 },
  { "strings with escapes", lines('line "quoted" and \\ back\nnext '), 5 },
  { "strings", lines("a text without anything to escape "), 5 },
}

-- Calls report(name, decoding, encoding) for each load, in MB/s: the best of the rounds. `clock` is in seconds.
function measure_json(decode, encode, clock, rounds, report)
  for _, load in ipairs(loads) do
    local name, value, calls = table.unpack(load)
    local text = encode(value)
    local function speed(f, argument)
      local best = math.huge
      for _ = 1, rounds do
        collectgarbage()
        local start = clock()
        for _ = 1, calls do f(argument) end
        best = math.min(best, clock() - start)
      end
      return #text * calls / best / 1e6
    end
    report(name, speed(decode, text), speed(encode, value))
  end
end

if arg then
  local cjson = require "cjson"
  cjson.encode_number_precision(14)
  measure_json(cjson.decode, cjson.encode, os.clock, tonumber(arg[1]), function(name, decoding, encoding)
    print(name .. "\t" .. decoding .. "\t" .. encoding)
  end)
end
