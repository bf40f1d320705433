-- Defines `test`, `expect` and the methods of a simulation. Runs only in the isolates of tests, after prelude.lua and
-- simulation.lua, with their table of host functions.

local host = ...
local error, getmetatable, math, next, pairs, pcall, rawequal, rawget, select, setmetatable, tostring, type =
  error, getmetatable, math, next, pairs, pcall, rawequal, rawget, select, setmetatable, tostring, type
local concat, pack, sort, unpack = table.concat, table.pack, table.sort, table.unpack
local find, format, rep = string.find, string.format, string.rep

-- Values as text -----------------------------------------------------------------------------------------------------

local deepest, most_items, longest = 6, 40, 2000

local function is_name(key) return type(key) == "string" and find(key, "^[%a_][%w_]*$") ~= nil end

local function show(value, indent, seen)
  if type(value) == "string" then return (format("%q", value):gsub("\\\n", "\\n")) end
  local metatable = type(value) == "table" and getmetatable(value)
  if type(value) ~= "table" or (type(metatable) == "table" and metatable.__tostring) then return tostring(value) end
  if next(value) == nil then return "{}" end
  if seen[value] or #indent / 2 >= deepest then return "{...}" end
  seen[value] = true
  local items, width, count = {}, 0, 0
  local length = #value
  for key, item in pairs(value) do
    count = count + 1
    if count > most_items then
      items[#items + 1] = "..."
      break
    end
    local text = show(item, indent .. "  ", seen)
    if math.type(key) ~= "integer" or key < 1 or key > length then
      text = (is_name(key) and key or "[" .. show(key, indent .. "  ", seen) .. "]") .. " = " .. text
    end
    items[#items + 1] = text
    width = width + #text + 2
  end
  seen[value] = nil
  if width <= 90 then return "{ " .. concat(items, ", ") .. " }" end
  return "{\n  " .. indent .. concat(items, ",\n  " .. indent) .. "\n" .. indent .. "}"
end

local function text_of(value)
  local text = show(value, "", {})
  return #text <= longest and text or text:sub(1, longest) .. "..."
end

local function step(key) return is_name(key) and "." .. key or "[" .. show(key, "", {}) .. "]" end

-- The first place where two values differ: its path and both values; nil if they are equal.
local function difference(left, right, path, seen)
  if rawequal(left, right) then return nil end
  if type(left) ~= "table" or type(right) ~= "table" then
    if left == right or (left ~= left and right ~= right) then return nil end
    return path, left, right
  end
  if seen[left] == right then return nil end
  seen[left] = right
  for key, value in pairs(left) do
    local where, a, b = difference(value, right[key], path .. step(key), seen)
    if where then return where, a, b end
  end
  for key, value in pairs(right) do
    if left[key] == nil then return path .. step(key), nil, value end
  end
  return nil
end

-- expect -------------------------------------------------------------------------------------------------------------

local checks = {}

-- Checks the type of a check's argument. A wrong type is a mistake in the test, not a failed expectation.
local function given(name, wanted, value, level)
  if type(value) ~= wanted then
    error(format("expect(...):%s takes a %s, not a %s", name, wanted, type(value)), level or 4)
  end
end

local function has_match(text, pattern, name)
  given(name, "string", pattern, 5)
  local ok, first = pcall(find, text, pattern)
  if not ok then error(format("expect(...):%s: %s in %s", name, first, text_of(pattern)), 4) end
  return first ~= nil
end

function checks.equals(actual, expected)
  local path, left, right = difference(actual, expected, "", {})
  local more = path and path ~= "" and format("\nwhich differ at %s: %s is not %s", path, text_of(left), text_of(right)) or ""
  return path == nil, "to equal", text_of(expected) .. more
end

function checks.is(actual, expected) return rawequal(actual, expected), "to be", text_of(expected) end

function checks.matches(actual, pattern)
  return has_match(type(actual) == "string" and actual or "", pattern, "matches") and type(actual) == "string",
    "to match", text_of(pattern)
end

function checks.contains(actual, item)
  if type(actual) == "string" then
    return type(item) == "string" and find(actual, item, 1, true) ~= nil, "to contain", text_of(item)
  end
  if type(actual) == "table" then
    for _, value in pairs(actual) do
      if difference(value, item, "", {}) == nil then return true, "to contain", text_of(item) end
    end
  end
  return false, "to contain", text_of(item)
end

function checks.raises(action, pattern)
  if type(action) ~= "function" then error("expect(f):raises takes a function to call, not a " .. type(action), 3) end
  local ok, problem = pcall(action)
  local wanted = pattern and "to raise what matches " .. text_of(pattern) or "to raise an error"
  if ok then return false, wanted, "it raised none" end
  local message = type(problem) == "table" and problem.message or problem
  local is_met = pattern == nil or (type(message) == "string" and has_match(message, pattern, "raises"))
  return is_met, wanted, "it raised " .. text_of(problem)
end

function checks.is_nil(actual) return actual == nil, "to be nil" end
function checks.is_true(actual) return actual == true, "to be true" end
function checks.is_false(actual) return actual == false, "to be false" end
function checks.has_length(actual, length)
  given("has_length", "number", length)
  local is_countable = type(actual) == "table" or type(actual) == "string"
  return is_countable and #actual == length, format("to have length %s", tostring(length)),
    is_countable and format("it has length %d", #actual) or nil
end
function checks.at_least(actual, least)
  given("at_least", "number", least)
  return type(actual) == "number" and actual >= least, "to be at least", text_of(least)
end
function checks.at_most(actual, most)
  given("at_most", "number", most)
  return type(actual) == "number" and actual <= most, "to be at most", text_of(most)
end
function checks.near(actual, expected, distance)
  distance = distance or 1e-6
  given("near", "number", expected)
  given("near", "number", distance)
  return type(actual) == "number" and math.abs(actual - expected) <= distance,
    format("to be within %s of", text_of(distance)), text_of(expected)
end

local function name_list(list)
  local names = {}
  for name in pairs(list) do names[#names + 1] = name end
  return concat(names, ", ")
end

local expectation = {}
-- The message of the last expectation that failed.
local unmet

function expectation:__index(name)
  if name == "never" then
    return setmetatable({ actual = rawget(self, "actual"), is_negated = not rawget(self, "is_negated") }, expectation)
  end
  local check = checks[name]
  if not check then
    error(format("expect(...) has no check '%s'; there are %s, and never to turn them round", tostring(name), name_list(checks)), 2)
  end
  return function(subject, ...)
    if getmetatable(subject) ~= expectation then
      error(format("write expect(...):%s(...), with a colon", name), 2)
    end
    local actual, is_negated = rawget(subject, "actual"), rawget(subject, "is_negated")
    local is_met, wanted, rest = check(actual, ...)
    if is_met ~= is_negated then return subject end
    local lines = { "expected", "  " .. text_of(actual):gsub("\n", "\n  "), (is_negated and "not " or "") .. wanted }
    if rest then lines[#lines + 1] = "  " .. rest:gsub("\n", "\n  ") end
    unmet = concat(lines, "\n")
    error(unmet, 2)
  end
end

function expect(...)
  if select("#", ...) == 0 then error("expect takes the value to check", 2) end
  return setmetatable({ actual = (...), is_negated = false }, expectation)
end

-- The simulation -----------------------------------------------------------------------------------------------------

local sim = {}
-- The value that a test gets as `sim`. One is enough, because each test loads its file again.
local simulation = {}
local has_loaded, mocked = false, {}

local function ask(operation, ...) return host.simulation(operation, ...) end

function sim:load(path, text)
  has_loaded = true
  return ask("load", path, text)
end
function sim:run(till) return ask("run", till) end
function sim:advance(duration) return ask("advance", duration) end
function sim:emit(name, payload) return ask("emit", name, payload) end
function sim:trigger(job, args) return ask("trigger", job, args) end
function sim:outage(at, duration)
  if duration == nil then at, duration = nil, at end
  return ask("outage", duration, at)
end
function sim:step_clock(at, duration)
  if duration == nil then at, duration = nil, at end
  return ask("step_clock", duration, at)
end
function sim:reload(script, text)
  if text == nil then script, text = nil, script end
  return ask("reload", text, script)
end
function sim:runs(job) return ask("runs", job) end
function sim:events(pattern) return ask("events", pattern) end
function sim:log(job) return ask("log", job) end
function sim:now() return host.now() end

-- The failed expectation that a mock raised. The test has failed then, even if the script caught the error.
local broken

-- Gives scripts a function of the outside world. It runs in this isolate, so it can use the test's variables.
function sim:mock(name, answer)
  if type(answer) ~= "function" then
    error(format("sim:mock takes a function that answers, not a %s", type(answer)), 2)
  end
  if has_loaded and not mocked[name] then
    error(format("write sim:mock(%s, ...) before sim:load: a script finds its functions when it loads", text_of(name)), 2)
  end
  host.mock(name, function(...)
    unmet = nil
    local results = pack(pcall(answer, ...))
    if results[1] then return pack(unpack(results, 2, results.n)) end
    local problem = results[2]
    if unmet and type(problem) == "string" and problem:sub(-#unmet) == unmet then broken = broken or problem end
    error(problem, 0)
  end)
  mocked[name] = true
end

local methods = name_list(sim)

-- Without this check, a method called with a dot would take its first argument for the simulation.
for name, method in pairs(sim) do
  sim[name] = function(self, ...)
    if self ~= simulation then error(format("write sim:%s(...), with a colon", name), 2) end
    return method(self, ...)
  end
end

setmetatable(simulation, {
  __index = function(_, name)
    local method = sim[name]
    if method == nil then error(format("a simulation has no '%s'; there are %s", tostring(name), methods), 2) end
    return method
  end,
  __newindex = function() error("a simulation cannot be written to", 2) end,
  __name = "simulation",
  __metatable = false,
})

-- test ---------------------------------------------------------------------------------------------------------------

local is_running = false

function test(name, options, body)
  if body == nil and type(options) == "function" then options, body = {}, options end
  if type(name) ~= "string" then error("test takes a name first, not a " .. type(name), 2) end
  if type(body) ~= "function" then error(format("test \"%s\" needs a function", name), 2) end
  if type(options) ~= "table" then error(format("test \"%s\": the options must be a table", name), 2) end
  host.test(name, options, function()
    is_running = true
    body(simulation)
    if broken then error(broken, 0) end
  end)
end

local function refuse(word, instead)
  return function() error(format("%s: a test has no time of its own; %s", word, instead), 2) end
end

sleep = refuse("sleep", "let time go on with sim:advance(\"10s\")")
wait = refuse("wait", "let time go on with sim:advance, and look at sim:events(pattern)")
listen = refuse("listen", "look at sim:events(pattern)")
emit = refuse("emit", "send an event with sim:emit(name, payload)")

local register = host.register
function host.register(...)
  if is_running then error("a test registers no jobs: put them into a script, and load it with sim:load", 2) end
  return register(...)
end
