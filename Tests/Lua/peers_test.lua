-- Bugs of other schedulers, each as a test with the name of the scheduler.

local berlin = "Europe/Berlin"

local function instants(runs)
  local list = {}
  for i, run in ipairs(runs) do list[i] = run.scheduled_at end
  return list
end

-- The number of steps between neighbouring instants that are not `step` seconds.
local function odd_steps(list, step)
  local count = 0
  for i = 2, #list do
    if math.abs(list[i] - list[i - 1] - step) > 1e-6 then count = count + 1 end
  end
  return count
end

-- vapor/queues #94: a timer that wakes a little early computes the same fire again.
test("a fire is not repeated, however the clock is set around it", { from = "2026-05-01 11:59:59.900" }, function(sim)
  sim:load("noon.lua", [[cron("0 12 * * *", { name = "noon" }, function() end)]])
  sim:advance("200ms")
  for _ = 1, 20 do sim:step_clock("-150ms") sim:advance("200ms") end
  expect(sim:runs("noon")):has_length(1)
end)

-- sidekiq-scheduler and cron libraries (#5049): jobs of every minute stand still in the hour that comes twice.
test("jobs of every minute run in both passes of the autumn hour", { from = "2026-10-25 01:59:30", tz = berlin }, function(sim)
  sim:load("minutely.lua", [[
    cron("* * * * *", { name = "minutely" }, function() end)
    cron("30 2 * * *", { name = "half past two" }, function() end)]])
  sim:advance("2h")
  local runs = sim:runs("minutely")
  expect(runs):has_length(120)
  expect(odd_steps(instants(runs), 60)):equals(0)
  expect(sim:runs("half past two")):has_length(1)
end)

-- supercronic #150: a reload in the minute in which a job is due loses that minute.
test("a reload loses no minute and doubles none", { from = "2026-05-01 12:00" }, function(sim)
  local text = [[cron("* * * * *", { name = "minutely" }, function() return "%d" end)]]
  sim:load("a.lua", text:format(0))
  for i = 1, 60 do
    sim:advance(i % 2 == 0 and "59.5s" or "60.5s")
    expect(sim:reload("a.lua", text:format(i))):is_true()
  end
  local runs = sim:runs("minutely")
  expect(runs):has_length(60)
  expect(odd_steps(instants(runs), 60)):equals(0)
  expect(runs[60].result):equals("59")
end)

-- schedule #355: `every minute` counts from the end of the run, and drifts to every 61 seconds.
test("a job of every minute does not drift by its own length", function(sim)
  sim:load("slow.lua", [[every("1m", { name = "slow" }, function() sleep("1s") end)]])
  sim:advance("1d")
  local runs = sim:runs("slow")
  expect(runs):has_length(1440)
  expect(odd_steps(instants(runs), 60)):equals(0)
end)

-- APScheduler, schedule, node-schedule: fires during a restart are lost without a message.
test("a restart over 08:30 catches up with it, or says that it does not", { from = "2026-05-01 08:00" }, function(sim)
  sim:load("morning.lua", [[
    every("day at 08:30", { name = "report" }, function(run) return run.late end)
    every("day at 08:30", { name = "fleeting", catchup = "none" }, function() end)]])
  sim:outage("2026-05-01 08:20", "30m")
  sim:run("2026-05-01 09:00")
  local runs = sim:runs("report")
  expect(runs):has_length(1)
  expect(runs[1].result):near(20 * 60)
  expect(sim:runs("fleeting")):has_length(0)
  local missed = sim:events("run.missed")
  expect(missed):has_length(1)
  expect(missed[1].job):equals("fleeting")
end)

-- Celery beat, Timeloop: a run that is longer than its period lets the queue grow without end.
test("a run that is longer than its period lets nothing grow", function(sim)
  sim:load("long.lua", [[
    every("1s", { name = "skips" }, function() sleep("90s") end)
    every("1s", { name = "queues", overlap = "queue", backlog = 3 }, function() sleep("90s") end)]])
  sim:advance("1h")
  expect(sim:runs("skips")):has_length(40)
  expect(#sim:runs("queues")):at_most(41)
  local skipped = {}
  for _, event in ipairs(sim:events("run.skipped")) do
    skipped[event.job] = (skipped[event.job] or 0) + (event.count or 1)
  end
  expect(skipped.skips):at_least(3500)
  expect(skipped.queues):at_least(3500)
end)

-- Jitter beyond the next fire swaps or loses fires. Moonwheel refuses it; this jitter is just below the limit.
test("jitter close to the period keeps the order and the number", { seed = 7 }, function(sim)
  expect(function()
    sim:load("jitter.lua", [[every("10s", { name = "jittery", jitter = "10s" }, function() end)]])
  end):raises("jitter must be shorter than the period")
  sim:load("jitter.lua", [[every("10s", { name = "jittery", jitter = "9.999s" }, function() end)]])
  sim:advance("1h")
  local runs = sim:runs("jittery")
  expect(#runs):at_least(359)
  expect(odd_steps(instants(runs), 10)):equals(0)
  local latest = 0
  for i, run in ipairs(runs) do
    latest = math.max(latest, run.late)
    if i > 1 then expect(run.started_at):at_least(runs[i - 1].started_at) end
  end
  expect(latest):at_least(9)
end)

-- A job ends in the middle of a retry: the retry belongs to a fire within the window.
test("till in the middle of a retry keeps the retry and ends later fires", { from = "2026-05-01 12:00" }, function(sim)
  sim:load("retry.lua", [[
    every("1m", { name = "flaky", till = "2026-05-01 12:02:30", retry = { max = 3, from = "40s", factor = 1, jitter = 0 } },
      function(run) if run.attempt < 3 then error("not yet") end return run.attempt end)]])
  sim:advance("10m")
  local last, count = nil, 0
  for _, run in ipairs(sim:runs("flaky")) do
    expect(run.scheduled_at):at_most(os.time { year = 2026, month = 5, day = 1, hour = 12, min = 2, sec = 30 })
    if run.status == "succeeded" then last, count = run, count + 1 end
  end
  expect(count):at_least(1)
  expect(last.result):equals(3)
  expect(last.started_at):at_least(os.time { year = 2026, month = 5, day = 1, hour = 12, min = 2, sec = 30 })
end)
