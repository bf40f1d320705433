-- A test runs no program: it says what the program would have answered.

test("a full disk is told", function(sim)
  local answers = { "50 100\n", "5 100\n" }
  sim:mock("sh.run", function(command)
    if command[2] ~= "--file-system" then return nil, "exit 1: no such file", "exit", { code = 1 } end
    return table.remove(answers, 1)
  end)
  sim:load("command.lua")
  sim:advance("25s")
  expect(sim:runs("disk")[1].result):equals(50)
  expect(sim:runs("disk")[2].result):equals(5)
  expect(sim:log("disk")[2].level):equals("warning")
  expect(sim:log("lookup")[1].message):contains("no such file")
end)

test("a program that cannot be started fails the run", function(sim)
  sim:mock("sh.run", function() return nil, "stat: there is no such program in PATH", "spawn" end)
  sim:load("command.lua")
  sim:advance("10s")
  expect(sim:runs("disk")[1].status):equals("failed")
  expect(sim:runs("disk")[1].error):contains("no such program")
end)
