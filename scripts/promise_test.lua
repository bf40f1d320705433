-- `sim:outage` stops the host as a loss of power does, and starts it again. The promise survives.

test("a promise survives an outage of its host", function(sim)
  sim:load("promise.lua")
  sim:advance("16s") -- the kettle of run 1 is promised for second 19
  sim:outage("10s")  -- from 16 to 26
  local kept = sim:runs("remind")
  expect(kept):has_length(1)
  expect(kept[1].late):near(7, 0.1)
  expect(sim:log("remind")[1].message):equals(kept[1].id .. ": the kettle of run 1")
end)
