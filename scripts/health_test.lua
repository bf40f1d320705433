-- The server goes down at 17 s, comes back at 34 s, and so on. The checks are at 5 s, 10 s, 15 s ...

local function alerts(sim)
  local texts = {}
  for i, event in ipairs(sim:events("health.changed")) do texts[i] = event.payload.text end
  return texts
end

test("one failure is no alert, the second one is", function(sim)
  sim:load("health.lua")
  sim:advance("20s")
  expect(alerts(sim)):has_length(0)
  sim:advance("5s")
  expect(alerts(sim)):equals { "the server is down" }
end)

test("an outage alerts once, and its end is told", function(sim)
  sim:load("health.lua")
  sim:advance("34s")
  expect(alerts(sim)):equals { "the server is down" }
  sim:advance("2s")
  expect(alerts(sim)):equals { "the server is down", "the server is back" }
  expect(sim:log("health")[2].fields.down_for):equals(10)
end)

test("a restart in an outage misses no recovery", function(sim)
  sim:load("health.lua")
  sim:advance("27s")
  expect(alerts(sim)):equals { "the server is down" }
  sim:outage("1s")          -- the server of the example is up when the script is loaded again
  sim:advance("3s")
  expect(alerts(sim)):equals { "the server is down", "the server is back" }
end)
