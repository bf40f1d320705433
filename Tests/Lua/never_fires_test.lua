-- A script that loads today loads tomorrow: a job whose last fire is past ends, and its script continues.

local f = ", run = function() end })\n"
local ending = {
  ["a date"] = 'job("x", { on = cron("0 9 * * *") & dates { "2026-12-25" }' .. f,
  ["a date left out"] = 'job("x", { on = dates { "2026-12-25" } - dates { "2026-12-24" }' .. f,
  ["a part of a year"] = 'job("x", { on = cron("0 13 * * *") & between("2026-12-24", "2026-12-25")' .. f,
  ["years"] = 'cron("0 0 9 25 12 * 2026", { name = "x" }, function() end)\n',
  ["at"] = 'at("2026-12-25 09:00", { name = "x" }, function() end)\n',
  ["at a time of the day, on a weekday"] = 'job("x", { on = at("18:00") & cron("* * * * 1-5")' .. f,
  ["till"] = 'cron("0 9 * * *", { name = "x", till = "2026-12-25 10:00" }, function() end)\n',
  ["from of the day, till"] = 'cron("0 9 * * *", { name = "x", from = "08:30", till = "2026-12-25 10:00" }, function() end)\n',
  ["from and till of the day"] = 'cron("0 9 * * *", { name = "x", from = "18:00", till = "09:30" }, function() end)\n',
  ["times"] = 'cron("0 9 * * *", { name = "x", times = 1 }, function() end)\n',
  ["a function that returns nil"] = [[
    trigger(function(after) if after < 1798192800 then return 1798192800 end end, { name = "x" }, function() end)
  ]],
}

for name, text in pairs(ending) do
  test("never fires again: " .. name, { from = "2026-12-24 12:00", tz = "UTC" }, function(sim)
    local whole = text .. 'every("1h", { name = "y" }, function() end)'
    sim:load("a.lua", whole)
    for i = 1, 12 do -- at many times of day
      sim:advance("7h")
      expect(sim:reload("a.lua", whole .. " -- " .. i)):equals(true)
      sim:outage("1m")
    end
    sim:advance("1h")
    expect(#sim:runs("y") >= 80):is_true()
    expect(#sim:runs("x") <= 2):is_true()
    sim:reload("a.lua", 'every("1h", { name = "x" }, function() end)')
    sim:outage("1m") sim:advance("3h")
    expect(#sim:runs("x") >= 2):is_true()
  end)
end

test("a time of tomorrow that the clocks skip", { from = "2026-03-27 12:00", tz = "Europe/Berlin" }, function(sim)
  local whole = [[
    at("tomorrow 02:30", { name = "x", gap = "skip" }, function() end)
    every("1h", { name = "y" }, function() end)
  ]]
  sim:load("a.lua", "every('1h', { name = 'y' }, function() end)")
  sim:advance("1 day") -- now tomorrow is the day of the clock change
  expect(sim:reload("a.lua", whole)):equals(true)
  sim:advance("2 days")
  expect(sim:runs("x")):has_length(0)
  expect(#sim:runs("y") > 70):is_true()
end)

test("a function that failed is asked again when it is edited", { from = "2026-12-24", tz = "UTC" }, function(sim)
  sim:load("a.lua", "trigger(function() error('no') end, { name = 'x' }, function() end)")
  sim:advance("1h")
  sim:reload("a.lua", "trigger(function(after) return after + 600 end, { name = 'x' }, function() end)")
  sim:advance("61m")
  expect(sim:runs("x")):has_length(6)
  sim:outage("1m") sim:advance("1h")
  expect(#sim:runs("x") >= 11):is_true()
end)

test("a trigger that can never fire is an error on every day", { from = "2026-12-24", tz = "UTC" }, function(sim)
  sim:load("a.lua", "every('1h', { name = 'y' }, function() end)")
  for _, text in ipairs {
    'job("x", { on = cron("0 9 * * *") & between("10:00", "11:00")' .. f,
    'job("x", { on = dates { "2026-12-24" } & dates { "2026-12-25" }' .. f,
    'cron("0 0 30 2 *", { name = "x" }, function() end)',
  } do
    local ok, why = sim:reload("a.lua", text)
    expect(ok):is_nil()
    expect(why):contains("fire")
  end
end)
