-- The job that ended itself does not fire again, and the job that it triggered has run.

test("three counts, one lift-off, and silence", function(sim)
  sim:load("countdown.lua")
  sim:advance("1h")
  local lines = {}
  for i, line in ipairs(sim:log()) do lines[i] = line.message end
  expect(lines):equals { "2 ...", "1 ...", "lift-off with Laika" }
end)
