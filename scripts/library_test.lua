-- Test a module directly, with `require`, and the script that uses it with `sim:load`.

test("a greeting contains the name", function()
  expect(require("greeting").to("Ada")):equals("hello, Ada")
end)

test("the names come one after the other, then again", function(sim)
  sim:load("library.lua")
  sim:advance("32s")
  local lines = {}
  for i, line in ipairs(sim:log("greeter")) do lines[i] = line.message end
  expect(lines):equals { "hello, Ada", "hello, Grace", "hello, Edsger", "hello, Ada" }
end)
