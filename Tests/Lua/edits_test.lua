-- A live edit takes effect at its own time, and a restart does not change that.

local day = { from = "2026-05-04 08:00", tz = "UTC" }
local noop = ", function() end) "

-- A script with a job "r" and one that keeps the host busy.
local function script(trigger) return trigger .. noop .. 'every("17s", { name = "busy" }' .. noop end

local function with(options, catchup)
  return '{ name = "r"' .. (catchup and ', catchup = "' .. catchup .. '"' or "") .. (options or "") .. " }"
end

-- Word, spec and options before and after an edit at 10:30.
local edits = {
  { "an hour of cron", 'cron("0 9 * * *"', 'cron("0 10 * * *"' },
  { "every, as cron", 'every("3h"', 'cron("0 10 * * *"' },
  { "a calendar spec", 'every("day at 09:00"', 'every("day at 10:00"' },
  { "a period", 'every("90m"', 'every("20m"' },
  { "a random gap", 'every("2h to 3h"', 'every("10m to 15m"' },
  { "at, of the day", 'at("12:00"', 'at("2026-05-04 10:00"' },
  { "the zone", 'cron("0 9 * * *"', 'cron("0 11 * * *"', "", ', tz = "Europe/Amsterdam"' },
  { "the fold", 'cron("0 9 * * *"', 'cron("0 10 * * *"', "", ', fold = "last"' },
  { "from", 'cron("0 9 * * *"', 'cron("0 10 * * *"', "", ', from = "2026-05-04 09:30"' },
  { "till", 'cron("0 * * * *"', 'cron("30 * * * *"', ', till = "09:10"', ', till = "19:10"' },
  { "an event, as cron", 'on("nothing"', 'cron("0 10 * * *"', "", "", { none = true } },
}

for _, edit in ipairs(edits) do
  local name, before, after, old, new = table.unpack(edit)
  for _, catchup in ipairs { "none", "latest", "all" } do
    test("edited, " .. name .. ", then restarted, with catchup " .. catchup, day, function(sim)
      local first = catchup
      if before:find("^on") then first = nil end
      sim:load("a.lua", script(before .. ", " .. with(old, first)))
      sim:run("2026-05-04 10:30")
      sim:reload("a.lua", script(after .. ", " .. with(new, catchup)))
      local edited = sim:now()
      sim:advance("1m") sim:outage("2m") sim:advance("1m") sim:outage("10s") sim:advance("30s")
      for _, run in ipairs(sim:runs("r")) do
        expect(run.started_at < edited or run.scheduled_at > edited):is_true()
      end
    end)
  end
end

test("a new job counts from its registration, also after a restart", day, function(sim)
  sim:load("a.lua", script('cron("0 9 * * *", { name = "r" }'))
  sim:run("2026-05-04 10:30")
  sim:reload("a.lua", script('cron("0 9 * * *", { name = "r" }') .. 'cron("0 10 * * *", { name = "new" }' .. noop)
  sim:advance("1m") sim:outage("2m") sim:advance("1m")
  expect(sim:runs("new")):has_length(0)
  expect(sim:runs("r")):has_length(1)
end)

test("an edit while the host is down counts from the start", day, function(sim)
  sim:load("a.lua", script('cron("0 9 * * *", { name = "r" }'))
  sim:run("2026-05-04 10:30")
  sim:reload("a.lua", script('cron("0 10 * * *", { name = "r" }'))
  sim:outage("1ms") -- as good as at once
  sim:advance("3m")
  expect(sim:runs("r")):has_length(1)
  sim:run("2026-05-05 10:30")
  expect(sim:runs("r")):has_length(2)
end)

local hourly = 'cron("0 * * * *", { name = "r"'
local commands = [[
  on("pause", function() jobs["r"]:pause("by hand") end)
  on("resume", function() jobs["r"]:resume() end)
  on("hold", function() scheduler.pause() end) ]]

test("a resumed job catches up once", day, function(sim)
  sim:load("a.lua", script(hourly .. " }") .. commands)
  sim:run("2026-05-04 08:30") sim:emit("pause")
  sim:run("2026-05-04 11:30") sim:emit("resume")
  sim:advance("1m") sim:outage("2m") sim:advance("1m") sim:outage("1m") sim:advance("1m")
  expect(sim:runs("r")):has_length(1)
  expect(date(sim:runs("r")[1].scheduled_at, "%H:%M", "UTC")):equals("11:00")
end)

test("fires missed in an outage are caught up once, whatever follows", day, function(sim)
  sim:load("a.lua", script(hourly .. " }"))
  sim:run("2026-05-04 08:30") sim:outage("2h")
  for _ = 1, 5 do sim:advance("20ms") sim:outage("20ms") end
  expect(sim:runs("r")):has_length(1)
end)

test("an edit ends a pause, and its missed fires are not caught up", day, function(sim)
  sim:load("a.lua", script(hourly .. " }") .. commands)
  sim:emit("pause") sim:run("2026-05-04 10:30")
  sim:reload("a.lua", script('cron("15 * * * *", { name = "r" }') .. commands)
  sim:outage("1m") sim:advance("1m")
  expect(sim:runs("r")):has_length(0)
  sim:run("2026-05-04 11:20")
  expect(sim:runs("r")):has_length(1)
end)

test("a paused script continues after a restart and catches up", day, function(sim)
  sim:load("a.lua", script(hourly .. " }") .. commands)
  sim:load("b.lua", 'every("1s", { name = "other" }' .. noop)
  sim:run("2026-05-04 08:30") sim:emit("hold")
  sim:run("2026-05-04 10:30")
  expect(sim:runs("r")):has_length(0)
  sim:outage("1m") sim:advance("1m") sim:outage("1m") sim:advance("1m")
  expect(sim:runs("r")):has_length(1)
end)

test("the option paused is followed, live and over an outage", day, function(sim)
  sim:load("a.lua", script(hourly .. ", paused = true }"))
  sim:run("2026-05-04 09:30")
  sim:reload("a.lua", script(hourly .. " }"))
  sim:outage("1m") sim:run("2026-05-04 10:30")
  expect(sim:runs("r")):has_length(1)
  sim:reload("a.lua", script(hourly .. ", paused = true }"))
  sim:outage("1m") sim:run("2026-05-04 12:30")
  expect(sim:runs("r")):has_length(1)
end)

test("a later from holds at once, and after a restart", day, function(sim)
  sim:load("a.lua", script(hourly .. " }"))
  sim:run("2026-05-04 10:30")
  sim:reload("a.lua", script(hourly .. ', from = "2026-05-04 13:30" }'))
  sim:run("2026-05-04 11:30") sim:outage("1m") sim:run("2026-05-04 13:10")
  expect(sim:runs("r")):has_length(2)
  sim:run("2026-05-04 14:10")
  expect(sim:runs("r")):has_length(3)
end)

test("an ended job continues when its window grows", day, function(sim)
  for i, options in ipairs { ', till = "2026-05-04 09:30"', ", times = 1" } do
    local name = i .. ".lua"
    local function edit(more) return 'cron("0 * * * *", { name = "r' .. i .. '"' .. more .. " }" .. noop end
    sim:load(name, edit(options))
  end
  sim:run("2026-05-04 10:30")
  expect(sim:runs("r1")):has_length(1)
  expect(sim:runs("r2")):has_length(1)
  sim:reload("1.lua", 'cron("0 * * * *", { name = "r1", till = "2026-05-04 12:30" }' .. noop)
  sim:reload("2.lua", 'cron("0 * * * *", { name = "r2", times = 3 }' .. noop)
  sim:outage("1m")
  sim:advance("2 days")
  expect(sim:runs("r1")):has_length(3)
  expect(sim:runs("r2")):has_length(3)
end)

test("a period that begins with its window keeps that beginning", day, function(sim)
  sim:load("a.lua", script('every("1h", { name = "r", from = "90m" }'))
  sim:advance("30m") sim:outage("1m") sim:run("2026-05-04 12:00")
  local at = {}
  for i, run in ipairs(sim:runs("r")) do at[i] = date(run.scheduled_at, "%H:%M", "UTC") end
  expect(at):equals { "09:30", "10:30", "11:30" }
end)

test("a random gap continues over restarts that are more frequent", day, function(sim)
  sim:load("a.lua", script('every("5m to 10m", { name = "r" }'))
  for _ = 1, 40 do sim:advance("3m") sim:outage("1s") end
  expect(#sim:runs("r") >= 12):is_true()
end)

test("a trigger function that counts from the last fire continues over restarts", day, function(sim)
  sim:load("a.lua", script('trigger(function(after) return after + 420 end, { name = "r" }'))
  for _ = 1, 40 do sim:advance("3m") sim:outage("1s") end
  local runs = sim:runs("r")
  expect(runs):has_length(17)
  for i = 2, #runs do expect(runs[i].scheduled_at - runs[i - 1].scheduled_at):near(420, 1e-3) end
end)

test("a time of the day is resolved once, also within a combination", day, function(sim)
  sim:load("a.lua", [[job("r", { on = at("18:00") | at("2026-05-20 12:00"), run = function() end })]])
  for _ = 1, 3 do sim:advance("1 day") sim:outage("1m") end
  expect(sim:runs("r")):has_length(1)
  sim:run("2026-05-21")
  expect(sim:runs("r")):has_length(2)
end)

test("from and till of the day are resolved once", day, function(sim)
  local text = script('cron("0 * * * *", { name = "r", from = "09:30", till = "12:30" }')
  sim:load("a.lua", text)
  for _ = 1, 3 do sim:advance("1 day") sim:reload("a.lua", text .. "-- " .. sim:now()) sim:outage("1m") end
  expect(sim:runs("r")):has_length(3)
end)

test("a script that was removed and restored catches up", day, function(sim)
  sim:load("a.lua", script(hourly .. " }"))
  sim:run("2026-05-04 08:30")
  sim:reload("a.lua", script(""):gsub("^, function%(%) end%) ", ""))
  sim:reload("a.lua", script(hourly .. " }"))
  sim:outage("1h") sim:advance("1m")
  expect(sim:runs("r")):has_length(1)
end)
