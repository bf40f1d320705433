-- Defines the global words that scripts see, such as `every` and `emit`, by calling functions of the host.
-- Runs once in each isolate, before the script; `...` is the table of host functions, which no script sees.

local host = ...
local error, getmetatable, ipairs, next, select, setmetatable, tostring, type = error, getmetatable, ipairs, next, select, setmetatable, tostring, type
local concat, pack, unpack, sort, max, math_type = table.concat, table.pack, table.unpack, table.sort, math.max, math.type
local find, format, gsub, match, sub = string.find, string.format, string.gsub, string.match, string.sub
local load, pcall, rawset = load, pcall, rawset

-- Like tostring, but an error that Lua raises in it does not name a position in this file.
local function text_of(value)
  local ok, text = pcall(tostring, value)
  return ok and text or error(text, 0)
end

-- Triggers -----------------------------------------------------------------------------------------------------------

local trigger_metatable = { __name = "trigger", __metatable = false }

local function trigger_value(parts)
  parts.text = host.check_trigger(parts)
  return setmetatable(parts, trigger_metatable)
end

function trigger_metatable:__tostring() return self.text end
function trigger_metatable.__bor(a, b) return trigger_value { op = "|", a, b } end
function trigger_metatable.__band(a, b) return trigger_value { op = "&", a, b } end
function trigger_metatable.__sub(a, b) return trigger_value { op = "-", a, b } end

-- A trigger word registers a job if its last argument is a function, and returns a trigger value otherwise.
-- If the last argument is nil, the script named a callback that does not exist: the host raises an error for it.
local function trigger_word(word)
  return function(...)
    local count = select("#", ...)
    local last = select(count > 0 and count or 1, ...)
    if type(last) == "function" or (count > 1 and last == nil) then return host.register(word, ...) end
    return trigger_value { word = word, ... }
  end
end

every, cron, at, after, on = trigger_word "every", trigger_word "cron", trigger_word "at", trigger_word "after", trigger_word "on"

-- Sets of days and parts of days, to combine with & and -.
function dates(list, options) return trigger_value { word = "dates", list, options } end
function between(from, through, options) return trigger_value { word = "between", { from, through }, options } end

-- Trigger functions of scripts, by trigger value. The host calls them with the last fire, or with the present.
local functions = setmetatable({}, { __mode = "k" })

-- The host accepts numbers and nil. For any other result it gets the name of the type, to use in its error message.
local function asker(say)
  return function(after)
    local next = say(after)
    local kind = type(next)
    if kind == "number" or kind == "nil" then return next end
    return kind == "userdata" and next or kind == "string" and "a string" or "a " .. kind
  end
end

function trigger(say, ...)
  if type(say) ~= "function" then
    error("trigger takes a function first, which is given an instant and returns the next one, not " .. type(say), 2)
  end
  if select("#", ...) > 0 then return host.register("trigger", asker(say), ...) end
  local value = setmetatable({ word = "trigger", text = "trigger", asker(say) }, trigger_metatable)
  functions[value] = say
  return value
end

local trigger_methods = {}

-- The first instant of a trigger after the given one; nil if there is none.
function trigger_methods.next(self, after)
  if functions[self] then return functions[self](after == nil and host.now() or after) end
  return host.trigger_next(self, after)
end

trigger_metatable.__index = trigger_methods

function job(...) return host.register("job", ...) end

-- Handles ------------------------------------------------------------------------------------------------------------

local methods = {}
for _, name in ipairs { "trigger", "after", "at", "pause", "resume", "cancel", "next" } do
  methods[name] = host["job_" .. name]
end

function methods.reschedule(handle, trigger)
  if functions[trigger] then
    error("reschedule takes no trigger function: register a job with it", 2)
  end
  return host.job_reschedule(handle, trigger)
end

-- Asking for the status first makes the scheduler write the runs that it has only counted so far.
function methods.history(handle, count)
  local status, why, code = host.job_status(handle, "history")
  if not status then return nil, why, code end
  return host.job_history(handle, count)
end

local explanation_metatable = { __metatable = false, __tostring = function(explanation) return explanation.text end }

function methods.explain(handle)
  local status, why, code = host.job_status(handle, "explain")
  if not status then return nil, why, code end
  local explanation
  explanation, why, code = host.job_explain(handle, status)
  return explanation and setmetatable(explanation, explanation_metatable), why, code
end

-- Fields that only the scheduler knows: reading one asks the scheduler, and parks the run until it answers.
local asked = {
  next_run = function(status) return status.next end,
  last_run = function(status) return status.last end,
  paused = function(status) return status.state == "paused" end,
}

local job_metatable = host.job_metatable
function job_metatable.__index(handle, key)
  if methods[key] then return methods[key] end
  if not asked[key] then return host.job_get(handle, key) end
  local status = host.job_status(handle, key)
  if status then return asked[key](status) end
end
function job_metatable.__newindex() error("a job handle cannot be written to", 2) end
function job_metatable.__tostring(handle) return "job " .. host.job_get(handle, "name") end

local run_methods = {
  sleep = function(_, duration) return sleep(duration) end,
  progress = function(_, fraction, text) return host.run_progress(fraction, text) end,
  retry = function(_, delay) return host.run_retry(delay) end,
}

function host.run_index(run, key) return run_methods[key] or host.run_get(key) end

-- Calls a callback with the arguments `...` if its `when` returns true.
function host.guard(when, callback, run, ...)
  if when(run) then return callback(...) end
  return host.declined
end

-- Time and the script ----------------------------------------------------------------------------------------------

emit = host.emit
function sleep(duration) host.sleep(duration) end
-- Whether a table or one in it could say other things at another time.
local function has_metatable(value, level)
  if type(value) ~= "table" then return false end
  if getmetatable(value) ~= nil then return true end
  if level == 0 then return false end
  for _, inner in next, value do
    if has_metatable(inner, level - 1) then return true end
  end
  return false
end

function permissions(asked)
  if has_metatable(asked, 3) then error("permissions takes plain tables, without metatables", 2) end
  host.permissions(asked)
end

now, date, defaults = host.now, host.date, host.defaults
jobs = setmetatable({}, {
  __metatable = false,
  __call = function(_, tag) return host.jobs(tag) end,
  __index = function(_, name) return host.job_named(name) end,
  __newindex = function() error("jobs cannot be written to: register a job with every, cron, at, after, on or job", 2) end,
})

-- The cost of these calls grows with the number of jobs, so the host limits their rate: in a loop they wait.
scheduler = {
  pause = function()
    host.scheduler("scheduler.pause")
    return host.pause()
  end,
  resume = function()
    host.scheduler("scheduler.resume")
    return host.unpause()
  end,
}

function clear(tag)
  local count = 0
  for _, handle in ipairs(host.jobs_to_clear(tag)) do
    if host.job_cancel(handle) then count = count + 1 end
  end
  return count
end

function run_all(delay)
  local handles, seconds = host.jobs_to_run(delay)
  for i, handle in ipairs(handles) do
    local ok, why, code
    if seconds == 0 or i == 1 then ok, why, code = host.job_trigger(handle)
    else ok, why, code = host.job_after(handle, seconds * (i - 1)) end
    if not ok then return nil, why, code end
  end
  return #handles
end

function idle()
  host.scheduler("idle")
  local next_fire = host.idle()[1]
  return next_fire and max(0, next_fire - now())
end

-- Text and the log ---------------------------------------------------------------------------------------------------

-- The most values, levels, and bytes of a text that are shown or logged of a table that cannot be copied as it is.
local most_values, most_levels, most_bytes = 200, 8, 4096

local function cut(text, bytes)
  if #text <= bytes then return text end
  return format("%s... (%d bytes)", sub(text, 1, bytes), #text)
end

-- Like tostring, but never an error.
local function name_of(value)
  local ok, text = pcall(tostring, value)
  return ok and text or format("(a %s without a text)", type(value))
end

-- Whether tostring would only give its address.
local function is_plain_table(value)
  return type(value) == "table" and find(name_of(value), "^table: ") ~= nil
end

-- What must be shown instead of a value, because of the values around it; counts the value.
local function omission(value, state, level)
  if state.open[value] then return "(contains itself)" end
  if level > most_levels then return "(nested too deep)" end
end

-- A value as Lua would write it, for people: bounded, and in one line.
local function show(value, state, level)
  if type(value) == "string" then return (gsub(format("%q", cut(value, most_bytes)), "\\\n", "\\n")) end
  if not is_plain_table(value) then return cut(name_of(value), most_bytes) end
  local omitted = omission(value, state, level)
  if omitted then return omitted end
  local parts, keys = {}, {}
  local function add(text)
    state.left = state.left - 1
    if state.left >= 0 then parts[#parts + 1] = text() end
    return state.left > 0
  end
  state.open[value] = true
  for key, item in next, value do
    if math_type(key) == "integer" and key >= 1 and key <= #value then goto continue end
    keys[#keys + 1] = key
    if #keys > most_values then break end
    ::continue::
  end
  sort(keys, function(a, b)
    if type(a) == type(b) and (type(a) == "number" or type(a) == "string") then return a < b end
    return name_of(a) < name_of(b)
  end)
  local goes_on = true
  for i = 1, #value do
    goes_on = goes_on and add(function() return show(value[i], state, level + 1) end)
    if not goes_on then break end
  end
  for i = 1, #keys do
    local key = keys[i]
    goes_on = goes_on and add(function()
      local is_name = type(key) == "string" and find(key, "^[%a_][%w_]*$")
      return (is_name and key or "[" .. show(key, state, level + 1) .. "]") .. " = " .. show(value[key], state, level + 1)
    end)
    if not goes_on then break end
  end
  if not goes_on then parts[#parts + 1] = "..." end
  state.open[value] = nil
  return "{" .. concat(parts, ", ") .. "}"
end

local function shown(value)
  return show(value, { left = most_values, open = {} }, 1)
end

-- A copy of log fields that can leave the script: what cannot is a text there.
local function copy(value, state, level)
  local kind = type(value)
  if kind == "nil" or kind == "number" or kind == "boolean" then return value end
  if kind == "string" then return cut(value, most_bytes) end
  if not is_plain_table(value) then return cut(name_of(value), most_bytes) end
  local omitted = omission(value, state, level)
  if omitted then return omitted end
  local result = {}
  state.open[value] = true
  for key, item in next, value do
    if state.left == 0 then
      result["..."] = "(more)"
      break
    end
    state.left = state.left - 1
    if type(key) ~= "number" and type(key) ~= "boolean" then key = cut(name_of(key), most_bytes) end
    result[key] = copy(item, state, level + 1)
  end
  state.open[value] = nil
  return result
end

-- A line must not fail the run that logs it. The host refuses what cannot be copied, or is too large.
local function log_line(write, level, message, fields)
  if pcall(write, level, message, fields) then return end
  message = cut(message, 65536)
  if fields and pcall(write, level, message, copy(fields, { left = most_values, open = {} }, 1)) then return end
  if not pcall(write, level, message) then pcall(write, level, cut(message, 512)) end
end

local function print_line(_, text) host.print(text) end

function print(...)
  local texts = pack(...)
  for i = 1, texts.n do
    texts[i] = is_plain_table(texts[i]) and shown(texts[i]) or text_of(texts[i])
  end
  log_line(print_line, nil, concat(texts, "\t", 1, texts.n))
end

-- The message of a log line with further arguments: formatted if it says so, those that are left behind it.
local function formatted(message, values, count)
  for i = 1, count do
    if is_plain_table(values[i]) then values[i] = shown(values[i]) end
  end
  local used, text = 0, message
  if find(message, "%", 1, true) then
    local _, directives = gsub(gsub(message, "%%%%", ""), "%%", "")
    local ok, result = pcall(format, message, unpack(values, 1, count))
    if ok then used, text = directives, result end
  end
  while count > used and values[count] == nil do count = count - 1 end
  for i = used + 1, count do text = text .. "\t" .. name_of(values[i]) end
  return text
end

log = {}
for level, words in pairs { debug = { "debug", "trace" }, info = { "info", "notice" }, warn = { "warn", "warning" }, error = { "error", "critical", "fatal" } } do
  local function write(message, ...)
    message = is_plain_table(message) and shown(message) or name_of(message)
    local values = pack(...)
    local count, fields = values.n, nil
    if count > 0 and is_plain_table(values[count]) then
      fields = values[count]
      count = count - 1
    end
    if count > 0 then message = formatted(message, values, count) end
    log_line(host.log, level, message, fields)
  end
  for _, word in ipairs(words) do log[word] = write end
end

io = {}
function io.write(...)
  local texts = pack(...)
  for i = 1, texts.n do
    local kind = type(texts[i])
    if kind ~= "string" and kind ~= "number" then
      error(format("bad argument #%d to 'write' (string expected, got %s)", i, kind), 2)
    end
    texts[i] = tostring(texts[i])
  end
  host.print(concat(texts, "", 1, texts.n))
end

-- Modules ------------------------------------------------------------------------------------------------------------

local loaded = {}
package = { loaded = loaded }

-- While the body of a module waits, other runs of the script go on. One that requires the same module waits for it.
local function find(name)
  while not host.module_begin(name) do
    host.module_wait(name)
    if loaded[name] ~= nil then return end
  end
  return setmetatable({}, { __close = function() host.module_end(name) end })
end

-- The modules of the host. A table is made when the script first reads the name of its module: most scripts need few.
local standard, opened =
  { fs = true, http = true, kv = true, secret = true, sh = true, ssh = true }, {}

local function open_module(name)
  if opened[name] then return opened[name] end
  local functions, text = host.module_functions(name)
  if not functions then error(format("'%s' is not there: the program that runs this script leaves it out", name), 3) end
  local module = {}
  for _, made in ipairs(functions) do
    module[made.name] = host.make_function(made.number, made.flags, name .. "." .. made.name, made.arguments)
  end
  local complete, problem = load(text, "=moonwheel", "t")
  if not complete then error(problem, 0) end
  complete(module, host)
  opened[name] = module
  return module
end

function require(name)
  if type(name) ~= "string" then error("require takes the name of a module, not a " .. type(name), 2) end
  if loaded[name] ~= nil then return loaded[name] end
  local own = match(name, "^moonwheel%.(.+)$")
  if standard[own] then
    loaded[name] = open_module(own)
    return loaded[name]
  end
  local finally <close> = find(name)
  if not finally then return loaded[name] end
  local text, chunk_name = host.find_module(name)
  local chunk, problem = load(text, chunk_name, "t")
  if not chunk then error(host.explain_syntax(name, problem), 0) end
  -- What is built in is named like this file, and uses functions of the host, too.
  local result = chunk(name, chunk_name, chunk_name == "=moonwheel" and host or nil)
  if result == nil then result = loaded[name] end
  if result == nil then result = true end
  loaded[name] = result
  return result
end

for name, library in pairs { string = string, table = table, math = math, utf8 = utf8, coroutine = coroutine, os = os, io = io } do
  loaded[name] = library
end
loaded._G = _G
loaded["moonwheel.json"], loaded["moonwheel.hash"] = json, hash

debug = {
  traceback = function(message)
    if message ~= nil and type(message) ~= "string" then return message end
    return host.traceback(message)
  end,
}

-- Only `moonwheel test` runs the tests in a script; everywhere else `test` does nothing.
function test() end

-- Events of a run ---------------------------------------------------------------------------------------------------

local function check_filter(filter, what)
  local kind = type(filter)
  if kind ~= "nil" and kind ~= "function" and kind ~= "table" then
    error(format("the filter of %s must be a function of the event, or a table of fields that the payload must have, not %s",
      what, kind == "string" and "a string" or "a " .. kind), 3)
  end
end

-- Whether each field of the filter is in the payload; in tables within them, too.
local function has_fields(filter, payload)
  if type(payload) ~= "table" then return false end
  for key, wanted in next, filter do
    local value = payload[key]
    if value ~= wanted and not (type(wanted) == "table" and has_fields(wanted, value)) then return false end
  end
  return true
end

local box_next = host["box:next"]

-- The next event in a box that the filter takes. `box_next` returns true when it has waited and there may be an event.
local function next_event(box, filter, timeout)
  local event, why = box_next(box, timeout)
  while event do
    if event ~= true then
      if not filter then return event end
      if type(filter) == "table" then
        if has_fields(filter, event.payload) then return event end
      elseif filter(event) then
        return event
      end
    end
    event, why = box_next(box, nil, true)
  end
  return nil, why
end

-- The fields of a box are functions, so that it cannot leave its run in a payload or as an argument.
function listen(pattern, filter)
  check_filter(filter, "listen")
  local number, why, code = host.listen(pattern)
  if not number then return nil, why, code end
  local box, dropped
  local function close() if not dropped then dropped = host.box_close(number) end end
  box = setmetatable({
    next = function(self, timeout)
      if self ~= box then error("next is a method: write box:next(timeout)", 2) end
      if dropped then error("the box is closed", 2) end
      return next_event(number, filter, timeout)
    end,
    close = close,
  }, {
    __name = "box", __metatable = false, __close = close,
    __index = function(_, key)
      if key == "dropped" then return dropped or host.box_dropped(number) end
    end,
  })
  return box
end

local closing = { __close = function(box) host.box_close(box[1]) end }

function wait(pattern, timeout, filter)
  if filter == nil then
    if type(timeout) == "function" or type(timeout) == "table" then
      error("wait takes its filter after the timeout: wait(pattern, timeout, filter); the timeout may be nil", 2)
    end
    return host.wait(pattern, timeout)
  end
  check_filter(filter, "wait")
  local number, why, code = host.listen(pattern)
  if not number then return nil, why, code end
  local box <close> = setmetatable({ number }, closing)
  return next_event(number, filter, timeout)
end

-- Missing words -------------------------------------------------------------------------------------------------------

local later = {}
for word in ("sql mail flow task group chain"):gmatch "%S+" do
  later[word] = true
end

setmetatable(_G, {
  __metatable = false,
  __index = function(globals, word)
    if standard[word] then
      local module = open_module(word)
      rawset(globals, word, module)
      return module
    end
    if later[word] then error(format("'%s' is not there yet in this version of Moonwheel", word), 2) end
  end,
})

setmetatable(os, {
  __metatable = false,
  __index = function(_, word)
    error(format("os.%s is not available to scripts; there are os.time, os.date, os.clock and os.difftime", text_of(word)), 2)
  end,
})

-- Names of these functions in other libraries.
local elsewhere = { parse = "decode", load = "decode", loads = "decode", stringify = "encode", dump = "encode", dumps = "encode" }
setmetatable(json, {
  __metatable = false,
  __index = function(_, word)
    local there = elsewhere[word] and "write json." .. elsewhere[word] or "there are decode, encode, pretty, lines, null, array and object"
    error(format("json.%s does not exist; %s", text_of(word), there), 2)
  end,
})
setmetatable(hash, {
  __metatable = false,
  __index = function(_, word)
    error(format("hash.%s does not exist; there are sha256, hmac, equal, base64, from_base64, hex, from_hex, random and uuid", text_of(word)), 2)
  end,
})
setmetatable(io, {
  __metatable = false,
  __index = function(_, word)
    error(format("io.%s is not available to scripts; there is io.write", text_of(word)), 2)
  end,
})
