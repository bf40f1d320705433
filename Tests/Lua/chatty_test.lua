-- What a test keeps of past runs is no part of their script's memory.

test("a script that logs in thousands of runs can still emit", function(sim)
  sim:load("chatty.lua", [[
    defaults { memory = "4 MiB" }
    every("1s", { name = "talk" }, function(run) print("beat " .. run.n) end)
    every("30m", { name = "tell" }, function() assert(emit("told")) end)]])
  sim:advance("30m")
  expect(sim:runs("talk")):has_length(1800)
  expect(sim:log("talk")):has_length(1800)
  expect(sim:runs("tell")[1].status):equals("succeeded")
end)
