-- docker: containers, by the HTTP of the daemon's socket. A container goes with its run, however that ends.

local services = require "moonwheel.services"
local hash, ipairs, json, next, now, sleep, tonumber, tostring, type =
  hash, ipairs, json, next, now, sleep, tonumber, tostring, type
local concat, find, floor, format, gmatch, gsub, match, max, min, sort, sub, unpack =
  table.concat, string.find, math.floor, string.format, string.gmatch, string.gsub, string.match, math.max, math.min,
  table.sort, string.sub, string.unpack

local mistake = services.mistake
local docker = {}

local default_socket = "/var/run/docker.sock"

local known = {
  run = {
    image = "string", cmd = "string|table", entrypoint = "string|table", env = "table", mounts = "table", pull = "string",
    memory = "number|string", cpus = "number", name = "string", remove = "boolean", timeout = "number|string",
    pull_timeout = "number|string", network = "string", user = "string", cwd = "string", labels = "table",
    ok_codes = "table", max_output = "number|string", auth = "table", socket = "string",
  },
  ps = { all = "boolean", socket = "string" },
  pull = { timeout = "number|string", auth = "table", socket = "string" },
}

-- The daemon ---------------------------------------------------------------------------------------------------------

local function encoded(text)
  return (gsub(text, "[^A-Za-z0-9%-%._~]", function(letter) return format("%%%02X", letter:byte()) end))
end

local function call(socket, method, path, details)
  details = details or {}
  details.method, details.url, details.unix, details.redirects = method, "http://docker" .. path, socket, 0
  if details.json ~= nil then
    details.body, details.json = json.encode(details.json), nil
    details.headers = details.headers or {}
    details.headers["Content-Type"] = "application/json"
  end
  return services.request(details)
end

local codes = { [404] = "missing", [409] = "conflict" }

-- What the daemon said instead of doing it.
local function fault(word, response)
  local body = type(response.body) == "string" and json.decode(response.body)
  local message = type(body) == "table" and body.message or services.line(response.body)
  return nil, format("%s: %s (HTTP %d)", word, message, response.status), codes[response.status] or "status"
end

local function is_done(response) return response.status >= 200 and response.status < 300 or response.status == 304 end

local function ask(word, socket, method, path, details)
  local response, why, code = call(socket, method, path, details)
  if not response then return nil, why, code end
  if not is_done(response) then return fault(word, response) end
  return response
end

-- pull, ps -----------------------------------------------------------------------------------------------------------

-- The name and the tag of an image; a digest is a part of the name.
local function parts_of(image)
  if find(image, "@", 1, true) then return image, "" end
  local name, tag = match(image, "^(.+):([%w_][%w_.-]*)$")
  if name and not find(tag, "/", 1, true) then return name, tag end
  return image, "latest"
end

local function pull(word, image, options, timeout)
  local name, tag = parts_of(image)
  local headers
  if options.auth then
    headers = { ["X-Registry-Auth"] = hash.base64(json.encode(options.auth), { url = true }) }
  end
  local response, why, code = ask(word, options.socket or default_socket, "POST",
    format("/images/create?fromImage=%s&tag=%s", encoded(name), encoded(tag)),
    { headers = headers, timeout = timeout or "15m", max_size = 16 * 1024 * 1024 })
  if not response then return nil, why, code end
  -- Progress, one JSON object on a line. A pull that fails has the status 200, since it had begun.
  for line in gmatch(response.body or "", "[^\r\n]+") do
    local progress = find(line, '"error"', 1, true) and json.decode(line)
    if type(progress) == "table" and progress.error then
      return nil, format("%s: %s: %s", word, image, tostring(progress.error)), "pull"
    end
  end
  return true
end

local function check_image(image, word)
  if type(image) ~= "string" or not find(image, "^[%w][%w%._/:@-]*$") then
    mistake("%s: the image must be a name such as \"debian:12\", not %s", word,
      type(image) == "string" and format("%q", image) or "a " .. type(image))
  end
end

function docker.pull(image, options)
  check_image(image, "docker.pull")
  options = services.options(options, known.pull, "docker.pull")
  return pull("docker.pull", image, options, options.timeout)
end

function docker.ps(options)
  options = services.options(options, known.ps, "docker.ps")
  local response, why, code = ask("docker.ps", options.socket or default_socket, "GET",
    "/containers/json" .. (options.all and "?all=true" or ""))
  if not response then return nil, why, code end
  local list, problem = json.decode(response.body or "")
  if type(list) ~= "table" then
    return nil, "docker.ps: the answer is not a list: " .. tostring(problem), "protocol"
  end
  local containers = {}
  for number, one in ipairs(list) do
    containers[number] = {
      id = one.Id, name = type(one.Names) == "table" and one.Names[1] and gsub(one.Names[1], "^/", "") or nil,
      image = one.Image, state = one.State, status = one.Status, created = one.Created, labels = one.Labels or {},
    }
  end
  return containers
end

-- What a script asks for ---------------------------------------------------------------------------------------------

local units = { [""] = 1, K = 1024, M = 1024 ^ 2, G = 1024 ^ 3 }

local function size(value, what)
  local number, unit = value, ""
  if type(value) == "string" then number, unit = match(value, "^(%d+)%s*([KMG]?)i?B?$") end
  number = tonumber(number)
  if not number or number < 1 then mistake("docker.run: %s must be a size such as \"256M\", not %q", what, tostring(value)) end
  return floor(number * units[unit])
end

local function words(value, what)
  if type(value) == "string" then return { "/bin/sh", "-c", value } end
  local list = json.array {}
  for number, word in ipairs(value) do
    if type(word) ~= "string" and type(word) ~= "number" then
      mistake("docker.run: %s[%d] must be a string, not a %s", what, number, type(word))
    end
    list[number] = tostring(word)
  end
  return list
end

local function variables(env)
  local list = json.array {}
  for name, value in next, env or {} do
    if type(name) ~= "string" or not find(name, "^[%a_][%w_]*$") then
      mistake("docker.run: env maps names to values, and %q is not a name", tostring(name))
    end
    list[#list + 1] = name .. "=" .. tostring(value)
  end
  sort(list)
  return list
end

local function mounts(given)
  local list = json.array {}
  for number, mount in ipairs(given or {}) do
    if type(mount) ~= "string" or not find(mount, "^[^:]+:/[^:]*") then
      mistake("docker.run: mounts[%d] must be \"/on/this/machine:/in/the/container\", with :ro behind it to read only", number)
    end
    list[number] = mount
  end
  return list
end

local function texts(map)
  local copy = json.object {}
  for name, value in next, map or {} do copy[tostring(name)] = tostring(value) end
  return copy
end

local function creation(options)
  local labels = texts(options.labels)
  labels["moonwheel.run"] = services.run()
  return {
    Image = options.image, Cmd = options.cmd and words(options.cmd, "cmd"),
    Entrypoint = options.entrypoint and (type(options.entrypoint) == "string" and { options.entrypoint } or words(options.entrypoint, "entrypoint")),
    Env = variables(options.env), User = options.user, WorkingDir = options.cwd, Labels = labels, Tty = false,
    HostConfig = {
      Binds = mounts(options.mounts), Memory = options.memory and size(options.memory, "memory"),
      NanoCpus = options.cpus and floor(options.cpus * 1e9), NetworkMode = options.network, AutoRemove = false,
      -- Whatever the daemon's own log is, this one can be read, and does not fill the disk.
      LogConfig = { Type = "json-file", Config = { ["max-size"] = "32m", ["max-file"] = "1" } },
    },
  }
end

-- run ----------------------------------------------------------------------------------------------------------------

-- Separates the frames of a log: a byte that names the stream, three of zero, four of length, and the bytes.
local function streams(log)
  local parts = { {}, {} }
  local position, last = 1, #log
  while position + 7 <= last do
    local stream, length = unpack(">B xxx I4", log, position)
    local list = stream == 2 and parts[2] or parts[1]
    list[#list + 1] = sub(log, position + 8, position + 7 + length)
    position = position + 8 + length
  end
  return concat(parts[1]), concat(parts[2])
end

-- The first and the last half of what is longer.
local function bounded(text, most)
  if #text <= most then return text, false end
  local half = most // 2
  return sub(text, 1, half) .. format("\n... (%d bytes left out)\n", #text - 2 * half) .. sub(text, -half), true
end

-- What the container has written; its last lines alone where all of it is too much.
local function output(socket, path, most)
  local is_cut = false
  for _, tail in ipairs { "all", tostring(max(100, most // 200)), "100" } do
    local response, why, code = ask("docker.run", socket, "GET", path .. "/logs?stdout=true&stderr=true&tail=" .. tail,
      { timeout = "1m", max_size = 4 * most + 65536 })
    if response then
      local out, err = streams(response.body or "")
      local is_out_cut, is_err_cut
      out, is_out_cut = bounded(out, most)
      err, is_err_cut = bounded(err, most)
      return { stdout = out, stderr = err, truncated = is_cut or is_out_cut or is_err_cut }
    end
    if code ~= "too_large" then return nil, why, code end
    is_cut = true
  end
  return { stdout = "", stderr = "", truncated = true }
end

-- How often the connection may break while one waits for the end of a container, one time shortly after the other, and the
-- first pause then, in seconds; the next ones double. A daemon that is started anew is away for some seconds.
local most_breaks, first_pause = 8, 0.1

-- Waits for the end of the container: its code, or nil, a message and a code. The log's end would say nothing: a process may
-- close its output and go on.
local function wait_for_end(socket, path, deadline)
  local breaks = 0
  while true do
    local begun = now()
    local left = deadline and deadline - begun or 86400
    if left <= 0 then return nil, "docker.run: the container took longer than its timeout", "timeout" end
    local response, why, code = ask("docker.run", socket, "POST", path .. "/wait", { timeout = left < 0.1 and 0.1 or left })
    if response then
      local body = json.decode(response.body or "")
      local status = type(body) == "table" and tonumber(body.StatusCode)
      if status then return floor(status) end
      return nil, "docker.run: the daemon does not say how the container has ended", "protocol"
    end
    if code ~= "timeout" and code ~= "read" and code ~= "connect" then return nil, why, code end
    breaks = now() - begun < min(10, left / 2) and breaks + 1 or 0
    if breaks >= most_breaks then return nil, why, code end
    if breaks > 0 then sleep(first_pause * 2 ^ (breaks - 1)) end
  end
end

local function last_line(text)
  local last = ""
  for line in gmatch(text, "[^\r\n]+") do last = line end
  return services.line(last)
end

local function is_killed_for_memory(socket, path)
  local response = ask("docker.run", socket, "GET", path .. "/json")
  local body = response and json.decode(response.body or "")
  return type(body) == "table" and type(body.State) == "table" and body.State.OOMKilled == true
end

-- Starts the container and waits for its end. The result, or nil, a message, a code and what there is of a result.
local function watch(options, socket, path, most)
  local deadline = options.timeout and now() + services.seconds(options.timeout, "docker.run: timeout")
  local begun = now()
  local started, why, code = ask("docker.run", socket, "POST", path .. "/start")
  if not started then return nil, why, code end
  local status, trouble, trouble_code = wait_for_end(socket, path, deadline)
  if not status then
    -- SIGTERM, and SIGKILL after 5 seconds. What has been written so far is worth having.
    if trouble_code == "timeout" then call(socket, "POST", path .. "/stop?t=5", { timeout = 20 }) end
    local result = output(socket, path, most)
    if result then result.duration = now() - begun end
    return nil, trouble, trouble_code, result
  end
  local result
  result, why, code = output(socket, path, most)
  if not result then return nil, why, code end
  result.code, result.duration, result.ok = status, now() - begun, false
  for _, one in ipairs(options.ok_codes or { 0 }) do result.ok = result.ok or one == status end
  if result.ok then return result end
  local message = "exit " .. status
  if status == 137 and is_killed_for_memory(socket, path) then message = message .. " (it needed more memory)" end
  local line = last_line(result.stderr)
  return nil, format("docker.run: %s%s", message, line ~= "" and ": " .. line or ""), "exit", result
end

local function create(options, socket, name)
  local path, details = "/containers/create?name=" .. encoded(name), creation(options)
  if options.pull == "always" then
    local done, why, code = pull("docker.run", options.image, options, options.pull_timeout)
    if not done then return nil, why, code end
  end
  local made, why, code = ask("docker.run", socket, "POST", path, { json = details, timeout = "1m" })
  if code == "missing" and (options.pull or "missing") == "missing" then
    local done
    done, why, code = pull("docker.run", options.image, options, options.pull_timeout)
    if not done then return nil, why, code end
    made, why, code = ask("docker.run", socket, "POST", path, { json = details, timeout = "1m" })
  end
  if not made then return nil, why, code end
  local body = json.decode(made.body or "")
  local id = type(body) == "table" and body.Id
  if type(id) ~= "string" then return nil, "docker.run: the daemon does not name the container", "protocol" end
  return id
end

local function check(options)
  if type(options) ~= "table" then mistake("docker.run takes a table: docker.run { image = \"debian:12\", cmd = { \"date\" } }") end
  services.options(options, known.run, "docker.run")
  check_image(options.image, "docker.run")
  if options.name and not find(options.name, "^[%w][%w_.-]+$") then
    mistake("docker.run: %q is not a name of a container: letters, digits, _ . and -", options.name)
  end
  local how = options.pull or "missing"
  if how ~= "missing" and how ~= "always" and how ~= "never" then
    mistake("docker.run: pull is \"missing\", \"always\" or \"never\", not %q", how)
  end
end

-- What the host does when this run has ended, in whatever way: deletes the container, or ends it at least.
local function at_end(options, socket, container)
  if options.remove == false then
    return services.on_end { method = "POST", url = "http://docker/containers/" .. container .. "/kill", unix = socket }
  end
  return services.on_end {
    method = "DELETE", url = "http://docker/containers/" .. container .. "?force=true&v=true", unix = socket,
  }
end

-- Failures after which there may be a container, although nobody has said so.
local unclear = { timeout = true, read = true, write = true, protocol = true }

-- What is left to do once the container is there.
local function finish(options, socket, id, most, cleaning)
  local path = "/containers/" .. id
  local result, trouble, trouble_code, partial = watch(options, socket, path, most)
  if options.remove == false then
    if result or trouble_code == "exit" or trouble_code == "timeout" then cleaning:cancel() end
  else
    local response = call(socket, "DELETE", path .. "?force=true&v=true", { timeout = "30s" })
    if response and (is_done(response) or response.status == 404) then cleaning:cancel() end
  end
  local found = result or partial
  if found then found.id = id end
  return result, trouble, trouble_code, partial
end

-- With a name that nobody else has, the host knows what to delete before the container is there.
local function run_unnamed(options, socket, most)
  local name = "moonwheel-" .. hash.uuid()
  local cleaning <close>, why, code = at_end(options, socket, name)
  if not cleaning then return nil, why, code end
  local id
  id, why, code = create(options, socket, name)
  if id then return finish(options, socket, id, most, cleaning) end
  if not unclear[code] then cleaning:cancel() end
  return nil, why, code
end

-- The name that a script has chosen may be that of another container, which must stay.
local function run_named(options, socket, most)
  local id, why, code = create(options, socket, options.name)
  if not id then return nil, why, code end
  local cleaning <close>, problem, problem_code = at_end(options, socket, id)
  if cleaning then return finish(options, socket, id, most, cleaning) end
  call(socket, "DELETE", "/containers/" .. id .. "?force=true&v=true")
  return nil, problem, problem_code
end

function docker.run(options)
  check(options)
  local socket, most = options.socket or default_socket, size(options.max_output or "1M", "max_output")
  return (options.name and run_named or run_unnamed)(options, socket, most)
end

return services.module("docker", docker)
