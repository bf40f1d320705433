-- Signs messages and checks signatures, as webhooks do: JSON and a digest under a shared key.

local key = "a key that sender and receiver share"

local function signature(text) return "sha256=" .. hash.hmac(key, text) end

every("10s", { name = "send" }, function(run)
  local text = json.encode { id = hash.uuid(7), number = run.n, items = { "tea", json.null }, notes = json.object() }
  emit("webhook", { text = text, signature = signature(text) })
end)

on("webhook", { name = "receive" }, function(event)
  local text = event.payload.text
  if not hash.equal(signature(text), event.payload.signature) then
    log.warn("a webhook with a wrong signature")
    return "refused"
  end
  local message = assert(json.decode(text))
  print(message.number, message.id, #message.items)
  return message.number
end)
