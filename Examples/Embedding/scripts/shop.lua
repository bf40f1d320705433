-- The other half of Embedding.swift: `price` and `stock` are Swift functions, `order.new` comes from Swift.

on("order.new", function(event)
  local item = event.payload.item
  local left = stock(item) -- waits for Swift, and holds no thread
  emit("order.done", { item = item, cost = price(item) * event.payload.count, left = left })
end)
