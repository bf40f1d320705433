-- A test writes into memory: the journal on the disk stays as it is, and the script sees its own writes.

test("the journal keeps its last ten entries", function(sim)
  sim:load("files.lua")
  sim:advance("70s")
  expect(sim:runs("trim")):has_length(2)
  expect(sim:log("trim")[2].message):matches("^the journal has 10 entries, %d+ bytes$")
end)

test("a full disk fails the run that writes", function(sim)
  sim:mock("fs.append", function() return nil, "no space left", "no_space" end)
  sim:load("files.lua")
  sim:advance("5s")
  expect(sim:runs("journal")[1].status):equals("failed")
  expect(sim:runs("journal")[1].error):contains("no space left")
end)
