-- webhook.send: a value as JSON to a URL, signed as Standard Webhooks says, or as GitHub or Stripe do.
-- https://github.com/standard-webhooks/standard-webhooks

local services = require "moonwheel.services"
local hash, json, next, now, tonumber, type = hash, json, next, now, tonumber, type
local find, floor, format, gmatch, gsub, lower, match =
  string.find, math.floor, string.format, string.gmatch, string.gsub, string.lower, string.match

local webhook = {}

local options_of_send = {
  secret = "string", header = "string", timestamp = "boolean", id = "string", headers = "table",
  timeout = "number|string", tries = "number", ca = "string", insecure = "boolean", proxy = "string", unix = "string",
}
local options_of_verify = { header = "string", tolerance = "number|string" }

-- The key in a secret: "whsec_" stands before base64.
local function key_of(secret, word)
  if type(secret) ~= "string" or secret == "" then
    services.mistake("%s: the secret must be a text, not %s", word, secret == "" and "an empty one" or "a " .. type(secret))
  end
  local encoded = match(secret, "^whsec_(.*)$")
  if not encoded then return secret end
  local key = hash.from_base64(encoded)
  if not key then services.mistake("%s: what follows whsec_ in the secret is not base64", word) end
  return key
end

-- The headers that sign a body.
local function signed(key, body, id, time, options)
  if not options.header then
    local signature = key and "v1," .. hash.hmac(key, format("%s.%d.%s", id, time, body), { as = "base64" })
    return { ["webhook-id"] = id, ["webhook-timestamp"] = format("%d", time), ["webhook-signature"] = signature }
  end
  if not key then return {} end
  if options.timestamp then
    return { [options.header] = format("t=%d,v1=%s", time, hash.hmac(key, format("%d.%s", time, body))) }
  end
  return { [options.header] = "sha256=" .. hash.hmac(key, body) }
end

-- What is sent again: what a server says not to have done, and what may be lost. The id tells a server that has got it twice.
local repeated_statuses = { [429] = true, [502] = true, [503] = true, [504] = true }
local repeated_codes = { connect = true, dns = true, timeout = true, read = true, write = true }

function webhook.send(url, value, options)
  local origin, rest
  if type(url) == "string" then origin, rest = services.split(url) end
  if not origin then
    services.mistake("webhook.send takes a URL first, https://..., not %s", type(url) == "string" and "this string" or "a " .. type(url))
  end
  options = services.options(options, options_of_send, "webhook.send")
  local tries = services.tries(options, "webhook.send")
  if (options.header or options.timestamp ~= nil) and not options.secret then
    services.mistake("webhook.send: header and timestamp say how to sign, which needs a secret")
  end
  if options.timestamp ~= nil and not options.header then
    services.mistake("webhook.send: timestamp goes with header; without a header the time is always signed")
  end
  local key = options.secret and key_of(options.secret, "webhook.send")
  local body, id = json.encode(value), options.id or services.id()
  local response, why, code = services.repeated(tries, repeated_statuses, repeated_codes, function()
    local headers = { ["Content-Type"] = "application/json", ["Idempotency-Key"] = id }
    for name, text in next, signed(key, body, id, floor(now()), options) do headers[name] = text end
    for name, text in next, options.headers or {} do headers[name] = text end
    return services.request {
      method = "POST", url = url, body = body, headers = headers, redirects = 0, timeout = options.timeout or 10,
      ca = options.ca, insecure = options.insecure, proxy = options.proxy, unix = options.unix,
    }
  end)
  -- The path of a URL often is a secret, as Slack's is.
  if not response then return nil, services.without(services.without(why, url, origin .. "/***"), rest, "/***"), code end
  if response.status >= 200 and response.status < 300 then return response end
  return nil, format("webhook.send: HTTP %d from %s: %s", response.status, origin,
    services.without(services.line(response.body), rest, "/***")), "status", response
end

local function header(headers, name)
  name = lower(name)
  for other, value in next, headers do
    if type(other) == "string" and lower(other) == name and type(value) == "string" then return value end
  end
end

local function refuse(why) return nil, "webhook.verify: " .. why, "signature" end

-- Whether one of the signatures in a header is the right one.
local function has(list, wanted)
  for given in gmatch(list, "[^%s,]+") do
    if hash.equal(given, wanted) then return true end
  end
  return false
end

function webhook.verify(secret, headers, body, options)
  local key = key_of(secret, "webhook.verify")
  if type(headers) ~= "table" then services.mistake("webhook.verify takes the headers as a table second, not a %s", type(headers)) end
  if type(body) ~= "string" then services.mistake("webhook.verify takes the text of the body third, not a %s", type(body)) end
  options = services.options(options, options_of_verify, "webhook.verify")
  local tolerance = services.seconds(options.tolerance or 300, "webhook.verify: tolerance")
  local name = options.header or "webhook-signature"
  local given = header(headers, name)
  if not given then return refuse("there is no header " .. name) end
  local time, id
  if options.header then
    time = match(given, "^t=(%d+),") or match(given, ",t=(%d+)")
    if not time then
      if hash.equal("sha256=" .. hash.hmac(key, body), given) then return true end
      return refuse("the signature is wrong")
    end
    given = gsub(given, "v1=", "")
  else
    time, id = header(headers, "webhook-timestamp"), header(headers, "webhook-id")
    if not id or not time or not find(time, "^%d+$") then return refuse("there is no webhook-id or no webhook-timestamp") end
    given = gsub(given, "v1,", "")
  end
  local age = now() - (tonumber(time) or 0)
  local text = id and format("%s.%s.%s", id, time, body) or format("%s.%s", time, body)
  if not has(given, hash.hmac(key, text, { as = id and "base64" or "hex" })) then return refuse("the signature is wrong") end
  if age > tolerance or age < -tolerance then
    return refuse(format("it was signed %d s %s", floor(age < 0 and -age or age), age < 0 and "from now" or "ago"))
  end
  return true, id
end

return services.module("webhook", webhook)
