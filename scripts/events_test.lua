-- A test can read events with `sim:events`, and send some with `sim:emit` to test a handler alone.

test("the third order is not paid", function(sim)
  sim:load("events.lua")
  sim:advance("19s")
  expect(sim:events("order.new")):has_length(3)
  expect(sim:events("order.paid")):has_length(2)
  local last = sim:log("cashier")[3]
  expect(last.level):equals("warning")
  expect(last.message):equals("order 3 is not paid")
end)

test("a payment ends the wait at once", function(sim)
  sim:load("events.lua")
  sim:emit("order.new", { id = 42 })
  sim:advance("2s")
  sim:emit("order.paid", { id = 42 })
  expect(sim:log("cashier")[1].message):equals("order 42 is paid")
end)
