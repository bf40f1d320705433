-- Completes the table of the module `http`, which has the functions of the host. In tests, these are mocked.

local http, host = ...
local error, format, ipairs, next, pairs, rawset, setmetatable, tostring, type =
  error, string.format, ipairs, next, pairs, rawset, setmetatable, tostring, type
local byte, gmatch, lower, match, sub = string.byte, string.gmatch, string.lower, string.match, string.sub
local concat = table.concat
local encode, decode = json.encode, json.decode
local is_simulated = host.seed ~= nil

-- Answers ------------------------------------------------------------------------------------------------------------

-- The header lines of an answer, by names in lower case; `lists` has the values of each name.
local function read_head(head)
  local headers, lists = {}, {}
  for name, value in gmatch(head, "([^:\r\n]+):[ \t]*([^\r\n]*)") do
    name = lower(name)
    value = match(value, "^(.-)[ \t]*$")
    local list = lists[name]
    if list then
      list[#list + 1] = value
      headers[name] = headers[name] .. ", " .. value
    else
      lists[name], headers[name] = { value }, value
    end
  end
  return headers, lists
end

-- Any case finds a header.
local any_case = {
  __metatable = false,
  __index = function(headers, name)
    if type(name) ~= "string" then return nil end
    local small = lower(name)
    if small ~= name then return headers[small] end
  end,
}

local methods = {}

-- What is kept of an answer beside its fields.
local kept = setmetatable({}, { __mode = "k" })

function methods.json(res, options)
  local body = res.body
  if type(body) ~= "string" then error("res:json: the body went to a file", 2) end
  if byte(body) == 0xEF and sub(body, 1, 3) == "\xEF\xBB\xBF" then body = sub(body, 4) end
  return decode(body, options)
end

local function headers_of(res)
  local known = kept[res]
  if not known then return {}, {} end
  if not known.headers then
    known.headers, known.lists = read_head(known.head)
    setmetatable(known.headers, any_case)
  end
  return known.headers, known.lists
end

function methods.all(res, name)
  if type(name) ~= "string" then error("res:all takes the name of a header, not a " .. type(name), 2) end
  local _, lists = headers_of(res)
  local copy = {}
  for i, value in ipairs(lists[lower(name)] or {}) do copy[i] = value end
  return copy
end

local answer = {
  __metatable = false,
  __index = function(res, key)
    if methods[key] then return methods[key] end
    if key == "headers" then
      local headers = headers_of(res)
      rawset(res, "headers", headers)
      return headers
    end
  end,
}

local function make(status, head, body, url, redirects, elapsed, size, path)
  local res = {
    status = status, ok = status >= 200 and status < 300, body = body, url = url, redirects = redirects, elapsed = elapsed,
    size = size, path = path,
  }
  kept[res] = { head = head }
  return setmetatable(res, answer)
end

-- What a test answers: a table { status, body, headers }, whose fields may be missing.
local function make_mocked(given, url)
  local lines = {}
  for name, value in pairs(given.headers or {}) do
    for _, one in ipairs(type(value) == "table" and value or { value }) do
      lines[#lines + 1] = format("%s: %s\r\n", name, tostring(one))
    end
  end
  local body = given.body or ""
  if type(body) == "table" then body = encode(body) end
  local res = make(given.status or 200, concat(lines), body, given.url or url, given.redirects or 0,
    given.elapsed or 0, given.size or #body, given.path)
  if given.path then res.body = nil end
  return res
end

-- Requests -----------------------------------------------------------------------------------------------------------

local function first_line(body)
  local line = type(body) == "string" and match(body, "^%s*([^\r\n]*)") or ""
  return #line > 200 and sub(line, 1, 200) .. "..." or line
end

local function finish(method, url, fails, status, head, body, ...)
  if status == nil then return nil, head, body, ... end
  local res
  if type(status) == "table" then res = make_mocked(status, url) else res = make(status, head, body, ...) end
  if res.path then res.body = nil end
  if fails and res.status >= 400 then
    local line = first_line(res.body)
    local place = match(res.url or url or "", "^[^?#]*")
    if line ~= "" then place = place .. ": " .. line end
    return nil, format("HTTP %d from %s %s", res.status, method, place), "status", res
  end
  return res
end

local request = http.request

-- In a simulation a mock of http.request answers for the functions that have none.
local function or_request(method, url, options, status, message, code, ...)
  if status ~= nil or code ~= "simulated" then return status, message, code, ... end
  local all = {}
  for name, value in next, type(options) == "table" and options or {} do all[name] = value end
  all.url, all.method = url, method
  local first, text, other = request(all)
  if first == nil and other == "simulated" then return nil, message, code end
  return first, text, other
end

for _, verb in ipairs { "get", "head", "delete", "options", "post", "put", "patch" } do
  local send, method = http[verb], verb:upper()
  http[verb] = function(url, options)
    local given = type(options) == "table" and options or nil
    local fails = given and given.fail
    if is_simulated then return finish(method, url, fails, or_request(method, url, options, send(url, options))) end
    if given and given.json ~= nil then return finish(method, url, fails, send(url, options, encode(given.json))) end
    return finish(method, url, fails, send(url, options))
  end
end

function http.request(options)
  local given = type(options) == "table" and options or {}
  local method = given.method or "GET"
  if not is_simulated and given.json ~= nil then
    return finish(method, given.url, given.fail, request(options, encode(given.json)))
  end
  return finish(method, given.url, given.fail, request(options))
end

-- After the run -------------------------------------------------------------------------------------------------------

local on_end, cancel, perform = http.on_end, http._cancel, http._perform
http._cancel, http._perform = nil, nil

-- The fields are functions, so that it cannot leave its run in a payload or as an argument.
local function make_left(number)
  local function drop(act)
    return function()
      if number and not is_simulated then act(number) end
      number = nil
    end
  end
  return setmetatable({ cancel = drop(cancel) }, { __metatable = false, __close = drop(perform) })
end

function http.on_end(options)
  local number, message, code
  if not is_simulated and type(options) == "table" and options.json ~= nil then
    number, message, code = on_end(options, encode(options.json))
  else
    number, message, code = on_end(options)
  end
  if not number then return nil, message, code end
  return make_left(number)
end
