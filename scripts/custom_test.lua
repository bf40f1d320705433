-- Trigger functions need tests more than other triggers: they are your own code.

for day, count in pairs { ["2026-02-13"] = 1, ["2026-02-20"] = 0, ["2026-04-13"] = 0, ["2026-11-13"] = 1 } do
  test("unlucky on " .. day, { from = day .. " 11:55" }, function(sim)
    sim:load("custom.lua")
    sim:advance("10m")
    expect(sim:runs("unlucky")):has_length(count)
  end)
end

test("slower and slower within each minute", function(sim)
  sim:load("custom.lua")
  sim:advance("2m")
  local seconds = {}
  for i, run in ipairs(sim:runs("slower")) do seconds[i] = date(run.scheduled_at, "%S") end
  expect(table.concat(seconds, " ")):equals("01 02 04 08 16 32 01 02 04 08 16 32")
end)
