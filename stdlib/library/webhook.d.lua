---@meta moonwheel.webhook

-- Webhooks ----------------------------------------------------------------------------------------

---Sends signed messages to other programs, and checks such messages. Get it by
---`local webhook = require "moonwheel.webhook"`.
---@class moonwheel.Webhook
local webhook = {}

---@class moonwheel.WebhookOptions
---@field secret string? the key that signs; after `whsec_` it is base64. Without one, nothing is signed
---@field header string? signs the body alone, in this header, as GitHub does in `X-Hub-Signature-256`: `sha256=` and digits
---@field timestamp boolean? true: signs the time with the body in that header, as Stripe does: `t=...,v1=...`
---@field id string? the id of the message; by default one that each attempt at a run gives to the same message again
---@field headers table<string, string>? further headers
---@field timeout moonwheel.Duration? of one try; default 10 s
---@field tries integer? how often it is sent at most: after a failed connection, a lost answer, 429, 502, 503, 504; default 3
---@field proxy string? as in `http.request`; so are `ca`, `insecure` and `unix`
---@field ca string?
---@field insecure boolean?
---@field unix string?

---Sends a value as JSON. Each message has an id (`webhook-id`, and as `Idempotency-Key`), by which a receiver knows one that
---it has got before. The signature is that of Standard Webhooks: HMAC-SHA256 over id, time and body, in `webhook-signature`.
---
---```lua
---permissions { net = { "hooks.example.com" }, secret = { "HOOK" } }
---local webhook = require "moonwheel.webhook"
---on("order.paid", { name = "tell" }, function(event)
---  assert(webhook.send("https://hooks.example.com/orders", event.payload, { secret = secret "HOOK" }))
---end)
---```
---@param url string
---@param value any what `json.encode` takes
---@param options? moonwheel.WebhookOptions
---@return table? response of `http.request`, with a status from 200 to 299; or nil
---@return string? message
---@return string? code `status` for another status, or one of `http.request`
---@return table? refused the response with the other status
function webhook.send(url, value, options) end

---@class moonwheel.WebhookChecks
---@field header string? the header that is signed as GitHub or Stripe do; default `webhook-signature`, as Standard Webhooks
---@field tolerance moonwheel.Duration? how old a message may be, and how much ahead; default 5 min

---Checks a message that this machine has got, such as one that a Swift program passes on as an event.
---@param secret string
---@param headers table<string, string> their names in any case
---@param body string as it came, byte for byte
---@param options? moonwheel.WebhookChecks
---@return true? genuine or nil
---@return string? id the id of the message, or why it is refused
---@return string? code `signature`
function webhook.verify(secret, headers, body, options) end

return webhook
