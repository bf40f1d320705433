-- Test calendar times at the hours that matter: choose them with `from` and `tz`.

for day, count in pairs { ["2026-03-27"] = 1, ["2026-03-28"] = 0, ["2026-03-30"] = 1 } do
  test("the stand-up on " .. day, { from = day .. " 08:55", tz = "Europe/Berlin" }, function(sim)
    sim:load("cron.lua")
    sim:advance("10m")
    expect(sim:runs("standup")):has_length(count)
  end)
end

local night = { from = "2026-03-08 01:55", tz = "America/New_York" }

test("in the night without 02:30 the work starts at 03:00", night, function(sim)
  sim:load("cron.lua")
  sim:run("2026-03-08 03:05")
  expect(sim:runs("nightly")):has_length(1)
  expect(sim:log("nightly")[1].fields.due):contains("03:00")
end)
