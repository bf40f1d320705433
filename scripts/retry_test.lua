-- Each attempt is an entry of `sim:runs`, with its result or error.

test("a busy server is asked again, a missing town is not", function(sim)
  sim:load("retry.lua")
  sim:advance("25s")
  local told = {}
  for i, run in ipairs(sim:runs("weather")) do told[i] = run.attempt .. ": " .. (run.result or run.error) end
  expect(told):equals { "1: 503 busy", "2: 503 busy", "3: sunny", "1: 404 no such town" }
  expect(sim:log("weather")[4].message):equals("given up")
end)
