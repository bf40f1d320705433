-- `sim:outage` takes the host down, as a loss of power does, and up again: a promise is kept all the same.

test("a promise outlives the host that gave it", function(sim)
  sim:load("promise.lua")
  sim:advance("16s") -- the kettle of run 1 is promised for second 19
  sim:outage("10s")  -- from 16 to 26
  local kept = sim:runs("remind")
  expect(kept):has_length(1)
  expect(kept[1].late):near(7, 0.1)
  expect(sim:log("remind")[1].message):equals(kept[1].id .. ": the kettle of run 1")
end)
