-- What slack.lua, webhook.lua, s3.lua and docker.lua share. Scripts do not require it.

local _, _, host = ...
local hash, http, sleep = hash, http, sleep
local _G, error, next, pairs, rawget, setmetatable, tonumber, tostring, type, math_type, max =
  _G, error, next, pairs, rawget, setmetatable, tonumber, tostring, type, math.type, math.max
local concat, find, format, gsub, lower, match, sort, sub, table_remove =
  table.concat, string.find, string.format, string.gsub, string.lower, string.match, table.sort, string.sub, table.remove

local services = {}
local function nothing() end

-- A mistake in the script: an error with the position of the script.
function services.mistake(...) error(host.position() .. format(...), 0) end

local mistake = services.mistake

-- In a simulation, whatever a test answers comes here.
function services.request(options)
  local response, why, code, partial = http.request(options)
  if response == nil then return nil, why, code, partial end
  if type(response) ~= "table" or type(response.status) ~= "number" then
    mistake("the answer to http.request must be a table with a status, or nil, a message and a code")
  end
  return response
end

-- What a host does after the run. A simulation has nothing to do then, unless a test wants to see it.
function services.on_end(options)
  local handle, why, code = http.on_end(options)
  if handle == nil and code == "simulated" then return setmetatable({ cancel = nothing }, { __close = nothing }) end
  return handle, why, code
end

-- A module with the functions that a test has mocked in their places: `sim:mock("slack.post", f)` makes a global table.
function services.module(name, functions)
  local mocks = host.seed ~= nil and rawget(_G, name)
  for word in next, type(mocks) == "table" and mocks or {} do
    if functions[word] ~= nil then functions[word] = mocks[word] end
  end
  return functions
end

-- The options that a script gave, which may only have known names. `known` maps names to types; `true` is any type.
function services.options(given, known, word)
  if given == nil then return {} end
  if type(given) ~= "table" then mistake("%s takes its options as a table, not a %s", word, type(given)) end
  for name, value in next, given do
    local wanted = known[name]
    if not wanted then
      local names = {}
      for other in pairs(known) do names[#names + 1] = other end
      sort(names)
      mistake("%s: unknown option %q; there are %s", word, tostring(name), concat(names, ", "))
    end
    if wanted ~= true and not find(wanted, type(value), 1, true) then
      mistake("%s: the option %s must be a %s, not a %s", word, name, gsub(wanted, "|", " or a "), type(value))
    end
  end
  return given
end

function services.seconds(duration, what) return host.seconds(duration, what) end

function services.run() return (host.current_run()) end

-- An id that is the same in each attempt at a run, for the calls of a run in their order; random outside of runs.
-- Runs of a script may take turns, so that the counts of those that were last to send are kept.
local counts, order, most_counted = {}, {}, 100
function services.id()
  local _, attempt, common = host.current_run()
  if not attempt then return hash.uuid() end
  local count = counts[attempt]
  if not count then
    order[#order + 1] = attempt
    if #order > most_counted then counts[table_remove(order, 1)] = nil end
  end
  count = (count or 0) + 1
  counts[attempt] = count
  return common .. "-" .. count
end

-- A header of a response; its name in lower case.
function services.header(response, name)
  local headers = response.headers
  if type(headers) ~= "table" then return nil end
  local value = headers[name]
  if value ~= nil then return value end
  for other, text in next, headers do
    if lower(other) == name then return text end
  end
end

-- The first line of a text, to be shown in a message.
function services.line(text)
  local line = match(type(text) == "string" and text or "", "^%s*([^\r\n]*)")
  return #line <= 300 and line or sub(line, 1, 300) .. "..."
end

-- `text` with `shown` wherever it has `secret`, so that a message does not give away what a URL holds.
function services.without(text, secret, shown)
  if type(text) ~= "string" or #secret < 2 then return text end
  return (gsub(text, gsub(secret, "%p", "%%%0"), (gsub(shown, "%%", "%%%%"))))
end

-- The scheme with the host, and the rest, of a URL. In a simulation, a secret is only named.
function services.split(url)
  if find(url, "^<secret .+>$") then return url, "" end
  return match(url, "^(https?://[^/?#%s]+)(%S*)$")
end

-- The longest pause that a server may ask for, in seconds, and the shortest that it gets.
local longest_pause, shortest_pause = 60, 0.1

local function pause(response, code, statuses, codes, usual)
  if not response then return codes[code] and usual end
  if not statuses[response.status] then return nil end
  local wanted = tonumber((services.header(response, "retry-after")))
  if not wanted then return usual end
  return wanted >= 0 and wanted <= longest_pause and wanted or nil
end

-- Calls `send` up to `tries` times, as long as the answer has one of the statuses, or there is none because of one of the
-- codes. Returns what the last call has returned.
function services.repeated(tries, statuses, codes, send)
  local usual = 1
  for try = 1, tries do
    local response, why, code = send(try)
    local delay = try < tries and pause(response, code, statuses, codes, usual)
    if not delay then return response, why, code end
    sleep(max(delay, shortest_pause))
    usual = usual * 2
  end
end

function services.tries(options, word)
  local tries = options.tries or 3
  if math_type(tries) ~= "integer" or tries < 1 or tries > 10 then
    mistake("%s: tries must be a whole number from 1 to 10", word)
  end
  return tries
end

return services
