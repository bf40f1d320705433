-- luv's timers (libuv for Lua), one thread, with the work that FireLimit has: timers.lua WORK [SIZE]...
local uv = require("luv")

local timers = {} -- so that they are not collected

local function now() return uv.hrtime() / 1e6 end

local function used()
  local usage = uv.getrusage()
  return (usage.utime.sec + usage.stime.sec) * 1e6 + usage.utime.usec + usage.stime.usec
end

local function tell(figures)
  local parts = {}
  for name, value in pairs(figures) do parts[#parts + 1] = ('"%s": %.6g'):format(name, value) end
  print("{" .. table.concat(parts, ", ") .. "}")
  os.exit(0, false)
end

local function after(milliseconds, period, body)
  local timer = uv.new_timer()
  timers[#timers + 1] = timer
  uv.update_time()
  timer:start(math.max(0, math.ceil(milliseconds)), period, body)
end

-- The body is told when it was due.
local function every(period, first, body)
  local due = first - period
  after(first - now(), period, function()
    due = due + period
    body(due)
  end)
end

local function tell_lateness(late, due, cpu)
  table.sort(late)
  local function quantile(part) return late[math.min(#late, math.floor(#late * part) + 1)] * 1000 end
  tell { fires = #late, due = due, cpu_ns = cpu * 1000 / #late,
    p50_us = quantile(0.5), p99_us = quantile(0.99), p999_us = quantile(0.999) }
end

local works = {}

function works.max(jobs)
  local fires = 0
  for _ = 1, jobs do after(1, 1, function() fires = fires + 1 end) end
  local start, cpu = now(), used()
  after(2000, 0, function()
    tell { fires = fires, cpu_ns = (used() - cpu) * 1000 / fires, per_s = fires / (now() - start) * 1000 }
  end)
end

function works.burst(jobs)
  local fires, due, cpu = 0, now() + 300 + jobs * 0.004, nil
  for _ = 1, jobs do
    after(due - now(), 0, function()
      fires = fires + 1
      if fires == jobs then
        tell { fires = fires, due = jobs, drain_ms = now() - due, cpu_ns = (used() - cpu) * 1000 / jobs }
      end
    end)
  end
  cpu = used()
end

function works.second(jobs, _, seconds)
  local late, base = {}, now() + 300 + jobs * 0.004
  for place = 0, jobs - 1 do
    every(1000, base + place / jobs * 1000, function(due) late[#late + 1] = now() - due end)
  end
  local cpu = used()
  after(base + seconds * 1000 - now(), 0, function() tell_lateness(late, jobs * seconds, used() - cpu) end)
end

function works.busy(seconds)
  local late, base = {}, now() + 300
  for place = 0, 99 do every(100, base + place, function(due) late[#late + 1] = now() - due end) end
  every(2000, base, function()
    local stop = now() + 1000
    while now() < stop do end
  end)
  local cpu = used()
  after(base + seconds * 1000 - now(), 0, function() tell_lateness(late, 1000 * seconds, used() - cpu) end)
end

function works.register(jobs)
  local before, start, cpu = uv.resident_set_memory(), now(), used()
  for _ = 1, jobs do every(3600000, now() + 3600000, function() end) end
  tell { jobs = jobs, wall_us = (now() - start) * 1000 / jobs, cpu_us = (used() - cpu) / jobs,
    bytes = (uv.resident_set_memory() - before) / jobs }
end

function works.idle()
  for _ = 1, 100 do every(3600000, now() + 3600000, function() end) end
end

function works.start()
  every(3600000, now(), function()
    io.stdout:write("fired\n")
    io.stdout:flush()
  end)
end

local sizes = {}
for place = 2, #arg do sizes[#sizes + 1] = tonumber(arg[place]) end
works[arg[1]](table.unpack(sizes))
uv.run()
