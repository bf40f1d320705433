-- The Swift program registers `price` and `stock`, emits `order.new`, and receives `order.done`.

on("order.new", function(event)
  local item = event.payload.item
  local left = stock(item) -- waits for Swift without holding a thread
  emit("order.done", { item = item, cost = price(item) * event.payload.count, left = left })
end)
