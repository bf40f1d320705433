-- A trigger can be a function: Moonwheel passes it the last fire, and it returns the next one or nil.

local noon = cron("0 12 * * *")

-- At noon of each Friday the 13th. The function asks another trigger for its fires, one by one.
trigger(function(after)
  local next = noon:next(after)
  while date(next, "%a %d") ~= "Fri 13" do next = noon:next(next) end
  return next
end, { name = "unlucky" }, function() print("stay at home") end)

-- Slower and slower, beginning again each minute: 1, 2, 4, 8 ... seconds after the minute begins.
local slower = trigger(function(after)
  local minute = after - after % 60
  for step = 0, 5 do
    local next = minute + 2 ^ step
    if next > after then return next end
  end
  return minute + 61
end)

job("slower", { on = slower, run = function(run) print("at second " .. date(run.scheduled_at, "%S")) end })
