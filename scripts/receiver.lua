-- A message that may come twice is handled once: `absent` makes the first one win, also over a restart of the host,
-- and `ttl` forgets it when no repetition can come any more. Keys `self.*` belong to this script.

on("payment", { name = "book" }, function(event)
  local id = event.payload.id
  local first, why, code = kv.set("self.paid." .. id, event.payload.amount, { absent = true, ttl = "7d" })
  if code == "exists" then return "seen" end
  assert(first, why)
  return ("booked %d, in all %d"):format(event.payload.amount, kv.add("self.sum", event.payload.amount))
end)

on("kv.self.paid.*", { name = "forget" }, function(event)
  if event.payload.expired then log.info("forgotten", { key = event.payload.key }) end
end)

local sent = 0
every("10s", { name = "sender" }, function()
  sent = sent + 1
  local payment = { id = "p" .. sent, amount = 5 }
  emit("payment", payment)
  emit("payment", payment) -- as a sender does that has missed the answer
end)
