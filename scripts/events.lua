-- Events connect jobs, in one script or across scripts. A waiting run holds no thread.

every("5s", { name = "shop" }, function(run)
  emit("order.new", { id = run.n })
  sleep("1s")
  if run.n % 3 ~= 0 then emit("order.paid", { id = run.n }) end -- the third never pays
end)

on("order.new", { name = "cashier" }, function(event)
  local paid, why = wait("order.paid", "3s", { id = event.payload.id }) -- the payment of this order
  if paid then
    print("order " .. event.payload.id .. " is paid")
  else
    log.warn("order " .. event.payload.id .. " is not paid", { why = why })
  end
end)
