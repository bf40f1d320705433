-- The smallest test: load a script, let time pass, check what happened.
-- `moonwheel test scripts` runs it; the ten minutes take no time.

test("a beat every two seconds", function(sim)
  sim:load("heartbeat.lua")
  sim:advance("10m")
  expect(sim:runs("heartbeat")):has_length(300)
  expect(sim:log("heartbeat")[300].message):equals("the moon turns, beat 300")
end)
