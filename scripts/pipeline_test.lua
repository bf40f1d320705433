-- `sleep` takes virtual time, so a test can check times exactly.

test("the period counts from the end of a batch", function(sim)
  sim:load("pipeline.lua")
  sim:advance("1m")
  local runs = sim:runs("pipeline")
  for i = 2, #runs do
    expect(runs[i].started_at - runs[i - 1].ended_at):near(3)
  end
  expect(runs[1].ended_at - runs[1].started_at):near(1.5, 0.01)
  expect(sim:log("pipeline")[1].message):equals("batch 1: fetch, parse, store in 1.5 s")
end)
