-- A clock that is set back: fires later than now count as not handled, and all jobs continue.

local day = { from = "2026-05-04 08:00", tz = "UTC" }
local jobs_of_all_kinds = [[
  every("1h", { name = "every" }, function() end)
  every("7h", { name = "seven" }, function() end)
  every("50m to 60m", { name = "random" }, function() end)
  every("1h", { name = "delayed", fixed_delay = true }, function() end)
  every("1h", { name = "from", from = "30m" }, function() end)
  cron("0 * * * *", { name = "cron" }, function() end)
  cron("*/30 * * * *", { name = "wild" }, function() end)
  every("2 hours at :05", { name = "stride" }, function() end)
  every("2 days at 12:00", { name = "days" }, function() end)
  trigger(function(after) return after + 3600 end, { name = "custom" }, function() end)
  job("combined", { on = every("1h") & between("00:00", "23:59"), run = function() end })
]]
local least = {
  every = 47, seven = 6, random = 45, delayed = 46, from = 46, cron = 47, wild = 94, stride = 23, days = 1,
  custom = 46, combined = 46,
}

local ways = {
  ["while it runs, then an outage"] = function(sim) sim:step_clock("-30d") sim:outage("10m") end,
  ["while it runs, for some hours, then an outage"] = function(sim)
    sim:step_clock("-30d") sim:advance("5h") sim:outage("10m")
  end,
  ["twice"] = function(sim) sim:step_clock("-2h") sim:outage("1m") sim:step_clock("-4h") sim:outage("1m") end,
}

for name, way in pairs(ways) do
  test("a clock set back " .. name .. " stops no job", day, function(sim)
    sim:load("a.lua", jobs_of_all_kinds)
    sim:advance("4h")
    way(sim)
    local before = {}
    for job in pairs(least) do before[job] = #sim:runs(job) end
    local from = sim:now()
    sim:run(from + 48 * 3600)
    for job, count in pairs(least) do
      local runs = #sim:runs(job) - before[job]
      if runs < count or runs > count * 1.3 + 2 then error(job .. " ran " .. runs .. " times") end
    end
  end)
end

test("a deadline after a duration keeps its distance, a deadline at a time stays", day, function(sim)
  sim:load("a.lua", [[
    local j = job("r", { run = function(run) print(run.args) end })
    on("promise", function() j:after("1h", "after") j:at("2026-05-04 09:00", "at") end)
    every("1m", { name = "busy" }, function() end)
  ]])
  sim:emit("promise") sim:advance("10m")
  sim:step_clock("-4h")
  local stepped = sim:now()
  sim:outage("1m") sim:advance("6h")
  local runs = sim:runs("r")
  expect(runs):has_length(2)
  expect(sim:log("r")[1].message):equals("after")
  expect(runs[1].started_at - stepped):near(50 * 60, 61)
  expect(date(runs[2].started_at, "%H:%M", "UTC")):equals("09:00")
end)

test("a retry keeps its distance", day, function(sim)
  sim:load("a.lua", [[
    every("10m", { name = "r", times = 1, retry = { max = 1, from = "30m", jitter = 0 } }, function() error("no") end)
  ]])
  sim:advance("11m")
  sim:step_clock("-10d")
  local stepped = sim:now()
  sim:outage("1m") sim:advance("1h")
  local runs = sim:runs("r")
  expect(runs):has_length(2)
  expect(runs[2].started_at - stepped):near(29 * 60, 61)
end)

test("run ids count up over a clock that was set back", day, function(sim)
  sim:load("a.lua", 'every("1h", { name = "r" }, function() end)')
  sim:advance("4h") sim:step_clock("-30d") sim:outage("10m") sim:advance("4h")
  local runs = sim:runs("r")
  expect(#runs >= 7):is_true()
  for i = 2, #runs do expect(runs[i].id > runs[i - 1].id):is_true() end
end)
