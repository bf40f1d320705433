-- Completes the table of the module `kv`, which has the functions of the host.

local kv = ...
local error, format, next, type = error, string.format, next, type
local gsub = string.gsub
local get, set, delete = kv.get, kv.set, kv.delete

function kv.get(key, default)
  local value, version, code = get(key)
  if code ~= nil then return nil, version, code end
  if value == nil then return default, nil end
  return value, version
end

-- How often a change is tried when others are faster.
local most_tries = 16

-- Calls the function where it cannot wait: what it waited for would make the value old.
local function changed(change, value)
  local result
  gsub("x", "x", function() result = change(value) end)
  return result
end

function kv.update(key, change, options)
  if type(change) ~= "function" then
    error("kv.update takes a function after the key, which gets the value and returns the new one, not a " .. type(change), 2)
  end
  if options ~= nil and type(options) ~= "table" then
    error("kv.update takes options as a table, not a " .. type(options), 2)
  end
  for name in next, options or {} do
    if name ~= "ttl" then error(format("kv.update: unknown option %q: it takes ttl alone", name), 2) end
  end
  local ttl = options and options.ttl or "keep"
  for _ = 1, most_tries do
    local old, version, code = get(key)
    if code ~= nil then return nil, version, code end
    local value = changed(change, old)
    local done, why
    if value ~= nil then
      done, why, code = set(key, value, version and { ttl = ttl, version = version } or { ttl = ttl, absent = true })
      if done then return value, done end
    elseif version then
      done, why, code = delete(key, { version = version })
      if done then return nil end
    else
      return nil
    end
    if code ~= "conflict" and code ~= "exists" then return nil, why, code end
  end
  return nil, format("kv.update: others have changed %s %d times meanwhile", key, most_tries), "conflict"
end
