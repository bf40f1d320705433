-- A test sees runs with `isolate = "run"` like all others: their arguments, their log, their end.

test("each range is sieved in a run of its own", function(sim)
  sim:load("isolate.lua")
  sim:advance("20s")
  expect(sim:runs("mathematician")):has_length(1)
  expect(sim:runs("sieve")):has_length(3)

  local lines = {}
  for i, line in ipairs(sim:log("sieve")) do lines[i] = line.message end
  expect(lines):contains("5133 primes from 1")
end)
