-- The host goes down and comes back with its store, so `run.state` survives.

test("the diary is continued after an outage", function(sim)
  sim:load("state.lua")
  sim:advance("15s") -- two pages
  sim:outage("3s")
  sim:advance("4s")
  expect(sim:runs("diary")):has_length(3)
  expect(sim:log("diary")[3].message):equals("page 3 of the diary, begun 2026-01-01 00:00:07")
end)
