-- `debounce` depends on the time between events; `sim:advance` lets that time pass.

test("four letters are one search, half a second after the last", function(sim)
  sim:load("gather.lua")
  sim:advance("10s")
  local searches = sim:runs("search")
  expect(searches):has_length(1)
  expect(searches[1].started_at - sim:runs("keyboard")[1].started_at):near(0.3 + 0.5, 0.01)
  expect(sim:log("search")[1].message):equals("searching for moon")
end)

test("a pause within a word makes two searches", function(sim)
  sim:load("gather.lua")
  sim:emit("key.pressed", "m")
  sim:advance("1s")
  sim:emit("key.pressed", "n")
  sim:advance("1s")
  expect(sim:runs("search")):has_length(2)
end)
