-- A test runs the real script on a clock that jumps: ten minutes take no time.

test("hello is said every two seconds", function(sim)
  sim:load("hello.lua")
  sim:advance("10m")
  expect(sim:runs("hello")):has_length(300)
  expect(sim:log("hello")[300].message):equals("hello, run 300")
end)

test("there is a report on a day of work, and somebody reads it", { from = "2026-01-05 08:55" }, function(sim)
  sim:load("hello.lua")
  sim:advance("10m")
  expect(sim:runs("report")):has_length(1)
  expect(sim:log("reader")[1].message):equals("a report of Monday")
end)
