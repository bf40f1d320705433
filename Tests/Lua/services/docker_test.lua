-- The module moonwheel.docker, with a daemon that the test plays. Tests/StandardModulesTests has one with a socket.

local function frame(stream, text) return string.pack(">B xxx s4", stream, text) end

-- Runs the text as the body of a job. `answers` maps "METHOD /path" to what the daemon says; a list is taken in its order. Returns
-- the run, what was sent, and what the host was asked to send at the end of the run.
local function ran(sim, body, answers)
  local sent, left, at_end = {}, {}, {}
  local usual = {
    ["POST /containers/create"] = { status = 201, body = '{"Id":"c1"}' }, ["POST /containers/c1/start"] = { status = 204 },
    ["POST /containers/c1/wait"] = { status = 200, body = '{"StatusCode":0}' }, ["DELETE /containers/c1"] = { status = 204 },
    ["GET /containers/c1/logs"] = { status = 200, body = frame(1, "out\n") .. frame(2, "err\n") },
  }
  sim:mock("http.request", function(options)
    expect(options.unix):equals("/var/run/docker.sock")
    local name = options.method .. " " .. options.url:match("^http://docker(/[^?]*)")
    sent[#sent + 1] = { name = name, url = options.url, body = options.body and json.decode(options.body), options = options }
    local answer = answers[name] or usual[name]
    if not answer then return { status = 500, body = '{"message":"' .. name .. ' is not expected"}' } end
    if answer[1] then
      left[name] = (left[name] or 0) + 1
      answer = answer[left[name]] or answer[#answer]
    end
    if answer.why then return nil, answer.why, answer.code end
    return answer
  end)
  sim:mock("http.on_end", function(options) at_end[#at_end + 1] = options return 1 end)
  sim:load("run.lua", 'local docker = require "moonwheel.docker"\njob("run", { run = function() ' .. body .. " end })")
  sim:trigger("run")
  sim:advance("10m")
  local runs = sim:runs("run")
  return runs[#runs], sent, at_end
end

local function names(sent)
  local list = {}
  for i, request in ipairs(sent) do list[i] = request.name end
  return list
end

test("a container is created, started, waited for, read and deleted", function(sim)
  local run, sent, at_end = ran(sim, [[
    return assert(docker.run {
      image = "debian:12", cmd = { "echo", 5 }, env = { B = 2, A = "x" }, mounts = { "/a:/b:ro" }, memory = "64M", cpus = 0.5,
      labels = { x = "y" },
    })]], {})
  expect(names(sent)):equals {
    "POST /containers/create", "POST /containers/c1/start", "POST /containers/c1/wait", "GET /containers/c1/logs", "DELETE /containers/c1",
  }
  local result = run.result
  expect({ result.code, result.ok, result.stdout, result.stderr, result.truncated, result.id }):equals { 0, true, "out\n", "err\n", false, "c1" }
  local asked = sent[1].body
  expect(asked.Image):equals("debian:12")
  expect(asked.Cmd):equals { "echo", "5" }
  expect(asked.Env):equals { "A=x", "B=2" }
  expect(asked.Labels):equals { x = "y", ["moonwheel.run"] = run.id }
  expect(asked.HostConfig.Binds):equals { "/a:/b:ro" }
  expect(asked.HostConfig.Memory):equals(64 * 1024 * 1024)
  expect(asked.HostConfig.NanoCpus):equals(500000000)
  -- The host knows what to delete before there is a container.
  local name = sent[1].url:match("name=(moonwheel%-[%x-]+)$")
  expect(at_end):has_length(1)
  expect(at_end[1].method .. " " .. at_end[1].url):equals("DELETE http://docker/containers/" .. name .. "?force=true&v=true")
end)

test("an exit code is a failure, with the result beside it", function(sim)
  local run = ran(sim, [[local _, why, code, result = docker.run { image = "debian", cmd = "exit 3" } return { why, code, result.code, result.stderr }]],
    { ["POST /containers/c1/wait"] = { status = 200, body = '{"StatusCode":3}' } })
  expect(run.result):equals { "docker.run: exit 3: err", "exit", 3, "err\n" }
end)

test("one of ok_codes is none", function(sim)
  local run = ran(sim, [[return docker.run { image = "debian", ok_codes = { 0, 3 } }.code]],
    { ["POST /containers/c1/wait"] = { status = 200, body = '{"StatusCode":3}' } })
  expect(run.result):equals(3)
end)

test("an image that is missing is pulled", function(sim)
  local run, sent = ran(sim, [[return docker.run { image = "registry.lan:5000/a/b" }.code]], {
    ["POST /containers/create"] = { { status = 404, body = '{"message":"No such image"}' }, { status = 201, body = '{"Id":"c1"}' } },
    ["POST /images/create"] = { status = 200, body = '{"status":"Pulling"}\r\n{"status":"Done"}\r\n' },
  })
  expect(run.result):equals(0)
  expect({ sent[1].name, sent[2].url, sent[3].name }):equals {
    "POST /containers/create", "http://docker/images/create?fromImage=registry.lan%3A5000%2Fa%2Fb&tag=latest", "POST /containers/create",
  }
end)

test("a pull that fails after it has begun is a failure", function(sim)
  local run = ran(sim, [[return { select(2, docker.pull("debian:none", { auth = { username = "u" } })) }]], {
    ["POST /images/create"] = { status = 200, body = '{"status":"Pulling"}\n{"errorDetail":{},"error":"manifest unknown"}\n' },
  })
  expect(run.result):equals { "docker.pull: debian:none: manifest unknown", "pull" }
end)

test("an image that is missing is not pulled if the script does not want it", function(sim)
  local run = ran(sim, [[return { select(2, docker.run { image = "debian", pull = "never" }) }]],
    { ["POST /containers/create"] = { status = 404, body = '{"message":"No such image: debian"}' } })
  expect(run.result):equals { "docker.run: No such image: debian (HTTP 404)", "missing" }
end)

test("a container with a name of the script's is deleted by its id, once there is one", function(sim)
  local _, sent, at_end = ran(sim, [[docker.run { image = "debian", name = "nightly" }]], {})
  expect(sent[1].url):equals("http://docker/containers/create?name=nightly")
  expect(at_end[1].url):equals("http://docker/containers/c1?force=true&v=true")
  local run, more, none = ran(sim, [[return { select(2, docker.run { image = "debian", name = "taken" }) }]],
    { ["POST /containers/create"] = { status = 409, body = '{"message":"The name is in use"}' } })
  expect(run.result):equals { "docker.run: The name is in use (HTTP 409)", "conflict" }
  expect(names(more)):equals { "POST /containers/create" }
  expect(none):has_length(0)
end)

test("a container that takes too long is stopped, and what it wrote is kept", function(sim)
  local run, sent = ran(sim, [[local _, why, code, result = docker.run { image = "debian", timeout = "1m" } return { why, code, result.stdout, result.code }]],
    { ["POST /containers/c1/wait"] = { why = "timeout", code = "timeout" }, ["POST /containers/c1/stop"] = { status = 204 } })
  expect(run.result[2]):equals("timeout")
  expect(run.result[3]):equals("out\n")
  expect(names(sent)):contains("POST /containers/c1/stop")
  expect(names(sent)):contains("DELETE /containers/c1")
end)

test("a connection that breaks does not end a container that goes on", function(sim)
  local lost = { why = "the connection was closed", code = "read" }
  local run, sent = ran(sim, [[return docker.run { image = "debian" }.code]],
    { ["POST /containers/c1/wait"] = { lost, lost, { status = 200, body = '{"StatusCode":0}' } } })
  expect(run.result):equals(0)
  expect(sent):has_length(7)
end)

test("a daemon that stays away is not asked for ever", function(sim)
  local run = ran(sim, [[return { select(2, docker.run { image = "debian" }) }]],
    { ["POST /containers/c1/wait"] = { why = "no such socket", code = "connect" } })
  expect({ run.result[1], run.result[2] }):equals { "no such socket", "connect" }
end)

test("a container that may be kept is only ended with its run", function(sim)
  local run, sent, at_end = ran(sim, [[return docker.run { image = "debian", remove = false }.id]], {})
  expect(run.result):equals("c1")
  expect(names(sent)).never:contains("DELETE /containers/c1")
  expect(at_end[1].url):matches("/kill$")
end)

test("of a log that is too long the end is read", function(sim)
  local run, sent = ran(sim, [[local r = docker.run { image = "debian" } return { r.truncated, r.stdout }]],
    { ["GET /containers/c1/logs"] = { { why = "more than 4 MiB", code = "too_large" }, { status = 200, body = frame(1, "end") } } })
  expect(run.result):equals { true, "end" }
  expect(sent[5].url):matches("tail=5242$")
end)

test("of a stream that is too long both ends are kept", function(sim)
  local run = ran(sim, [[local r = docker.run { image = "debian", max_output = 100 } return { r.truncated, r.stdout, r.stderr }]],
    { ["GET /containers/c1/logs"] = { status = 200, body = frame(1, ("a"):rep(60)) .. frame(2, "e") .. frame(1, ("b"):rep(60)) .. "\1\0" } })
  expect(run.result):equals { true, ("a"):rep(50) .. "\n... (20 bytes left out)\n" .. ("b"):rep(50), "e" }
end)

test("a container that needed more memory says so", function(sim)
  local run = ran(sim, [[return (select(2, docker.run { image = "debian", memory = "8M" }))]], {
    ["POST /containers/c1/wait"] = { status = 200, body = '{"StatusCode":137}' },
    ["GET /containers/c1/json"] = { status = 200, body = '{"State":{"OOMKilled":true}}' },
  })
  expect(run.result):equals("docker.run: exit 137 (it needed more memory): err")
end)

test("containers are listed", function(sim)
  local run, sent = ran(sim, [[return docker.ps { all = true }]], {
    ["GET /containers/json"] = { status = 200, body = '[{"Id":"c1","Names":["/web"],"Image":"nginx","State":"running","Status":"Up","Created":5,"Labels":null}]' },
  })
  expect(run.result):equals { { id = "c1", name = "web", image = "nginx", state = "running", status = "Up", created = 5, labels = {} } }
  expect(sent[1].url):equals("http://docker/containers/json?all=true")
end)

test("mistakes name the place in the script", function(sim)
  local run, sent = ran(sim, [[
    local messages = {}
    local function try(...) messages[#messages + 1] = select(2, pcall(...)) end
    try(function() docker.run "debian" end)
    try(function() docker.run { cmd = "x" } end)
    try(function() docker.run { image = "debian", comand = "x" } end)
    try(function() docker.run { image = "debian", mounts = { "data" } } end)
    try(function() docker.run { image = "debian", memory = "much" } end)
    try(function() docker.run { image = "debian", pull = "daily" } end)
    try(function() docker.run { image = "debian", env = { "A=1" } } end)
    return messages]], {})
  expect(run.result):equals {
    'run.lua:4: docker.run takes a table: docker.run { image = "debian:12", cmd = { "date" } }',
    'run.lua:5: docker.run: the image must be a name such as "debian:12", not a nil',
    'run.lua:6: docker.run: unknown option "comand"; there are auth, cmd, cpus, cwd, entrypoint, env, image, labels, max_output, memory, mounts, name, network, ok_codes, pull, pull_timeout, remove, socket, timeout, user',
    'run.lua:7: docker.run: mounts[1] must be "/on/this/machine:/in/the/container", with :ro behind it to read only',
    'run.lua:8: docker.run: memory must be a size such as "256M", not "much"',
    'run.lua:9: docker.run: pull is "missing", "always" or "never", not "daily"',
    'run.lua:10: docker.run: env maps names to values, and "1" is not a name',
  }
  expect(sent):has_length(0)
end)
