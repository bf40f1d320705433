-- The module moonwheel.webhook, with a receiver that the test plays.

local url = "https://hooks.example.com/in/secretpath"

local function sent_by(sim, body, answers, options)
  local sent = {}
  sim:mock("http.request", function(request)
    sent[#sent + 1] = request
    local answer = answers[#sent] or answers[#answers]
    if answer.why then return nil, answer.why, answer.code end
    return answer
  end)
  sim:load("send.lua", 'local webhook, url = require "moonwheel.webhook", "' .. url .. '"\n'
    .. 'job("send", { ' .. (options or "") .. "run = function(run) " .. body .. " end })")
  sim:trigger("send")
  sim:advance("10m")
  return sim:runs("send")[1], sent
end

local ok = { status = 204, headers = {} }

test("a message is signed as Standard Webhooks says", { from = "2026-01-01" }, function(sim)
  -- The example of its specification, https://github.com/standard-webhooks/standard-webhooks
  local _, sent = sent_by(sim, [[
    assert(webhook.send(url, { test = 2432232314 }, { secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLwSw", id = "msg_p5jXN8AQM9LWM0D4loKWxJek" }))]],
    { ok })
  local headers = sent[1].headers
  expect(sent[1].body):equals('{"test":2432232314}')
  expect(headers["webhook-id"]):equals("msg_p5jXN8AQM9LWM0D4loKWxJek")
  expect(headers["Idempotency-Key"]):equals("msg_p5jXN8AQM9LWM0D4loKWxJek")
  expect(headers["webhook-timestamp"]):equals(("%d"):format(now() // 1 - 600))
  local key = assert(hash.from_base64("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLwSw"))
  expect(headers["webhook-signature"]):equals("v1," .. hash.hmac(key,
    headers["webhook-id"] .. "." .. headers["webhook-timestamp"] .. "." .. sent[1].body, { as = "base64" }))
end)

test("a message is signed as GitHub does", function(sim)
  -- The example of https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries
  local _, sent = sent_by(sim,
    [[webhook.send(url, { "Hello, World!" }, { secret = "It's a Secret to Everybody", header = "X-Hub-Signature-256" })]], { ok })
  expect(sent[1].headers["X-Hub-Signature-256"]):equals("sha256=" .. hash.hmac("It's a Secret to Everybody", '["Hello, World!"]'))
  expect(sent[1].headers["webhook-signature"]):is_nil()
end)

test("without a secret nothing is signed", function(sim)
  local _, sent = sent_by(sim, [[webhook.send(url, 1, { headers = { Authorization = "Bearer x" } })]], { ok })
  expect(sent[1].headers["webhook-signature"]):is_nil()
  expect(sent[1].headers.Authorization):equals("Bearer x")
end)

test("what fails for a while is sent again, with its id and a signature of the new time", function(sim)
  local run, sent = sent_by(sim, [[return webhook.send(url, 1, { secret = "key" }).status]], {
    { status = 503, headers = { ["Retry-After"] = "20" } }, { why = "no answer", code = "timeout" }, ok,
  })
  expect(run.result):equals(204)
  expect(sent):has_length(3)
  expect(sent[3].headers["webhook-id"]):equals(sent[1].headers["webhook-id"])
  expect(sent[3].headers["webhook-timestamp"] - sent[1].headers["webhook-timestamp"]):equals(22)
  expect(sent[3].headers["webhook-signature"] == sent[1].headers["webhook-signature"]):is_false()
end)

test("each attempt at a run gives its messages the same ids", function(sim)
  local _, sent = sent_by(sim, [[
    assert(webhook.send(url, "first", { tries = 1 }))
    assert(webhook.send(url, "second", { tries = 1 }))]],
    { ok, { status = 500, body = "broken" }, ok, ok }, "retry = 1, ")
  local ids = {}
  for i, request in ipairs(sent) do ids[i] = request.headers["webhook-id"] end
  expect(ids):has_length(4)
  expect(ids[1] == ids[2]):is_false()
  expect({ ids[3], ids[4] }):equals { ids[1], ids[2] }
end)

test("a refusal names the status and the host, and not the path", function(sim)
  local run = sent_by(sim, [[local _, why, code, response = webhook.send(url, 1) return { why, code, response.status }]],
    { { status = 422, body = "no field x at /in/secretpath\nmore" } })
  expect(run.result):equals { "webhook.send: HTTP 422 from https://hooks.example.com: no field x at /***", "status", 422 }
end)

test("mistakes name the place in the script", function(sim)
  local run = sent_by(sim, [[
    local messages = {}
    local function try(...) messages[#messages + 1] = select(2, pcall(...)) end
    try(function() webhook.send("ftp://x", 1) end)
    try(function() webhook.send(url, print) end)
    try(function() webhook.send(url, 1, { header = "X" }) end)
    try(function() webhook.send(url, 1, { secret = "whsec_?" }) end)
    try(function() webhook.send(url, 1, { secret = 5 }) end)
    return messages]], { ok })
  expect(run.result):equals {
    "send.lua:4: webhook.send takes a URL first, https://..., not this string",
    "send.lua:5: json.encode: a function has no JSON form",
    "send.lua:6: webhook.send: header and timestamp say how to sign, which needs a secret",
    "send.lua:7: webhook.send: what follows whsec_ in the secret is not base64",
    "send.lua:8: webhook.send: the option secret must be a string, not a number",
  }
end)

-- verify -------------------------------------------------------------------------------------------------------------

-- Sends in each of the ways to sign, and verifies what the receiver got after `later` seconds.
local function verified(sim, secret, later, change)
  local _, sent = sent_by(sim, [[
    for _, how in ipairs { {}, { header = "X-Signature" }, { header = "X-Signature", timestamp = true } } do
      how.secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLwSw"
      webhook.send(url, { a = 1 }, how)
    end]], { ok })
  local answers = {}
  sim:load("verify.lua", [[
    local webhook = require "moonwheel.webhook"
    on("got", { name = "verify" }, function(event)
      local got = event.payload
      return { webhook.verify(got.secret, got.headers, got.body, { header = got.header, tolerance = "15m" }) }
    end)]])
  sim:advance(later)
  for i, request in ipairs(sent) do
    sim:emit("got", { secret = secret, headers = request.headers, body = request.body .. change, header = i > 1 and "x-signature" or nil })
  end
  sim:advance("1s")
  for i, run in ipairs(sim:runs("verify")) do answers[i] = run.result[1] or run.result[2] end
  return answers
end

local secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLwSw"

test("what was sent is genuine", function(sim) expect(verified(sim, secret, "1s", "")):equals { true, true, true } end)

test("one with another secret is not", function(sim)
  local wrong = "webhook.verify: the signature is wrong"
  expect(verified(sim, "whsec_AAAA", "1s", "")):equals { wrong, wrong, wrong }
end)

test("one with another body is not", function(sim)
  local wrong = "webhook.verify: the signature is wrong"
  expect(verified(sim, secret, "1s", " ")):equals { wrong, wrong, wrong }
end)

test("a message that is repeated later is refused, where its time is signed", function(sim)
  local late = "webhook.verify: it was signed 1200 s ago"
  expect(verified(sim, secret, "10m", "")):equals { late, true, late }
end)
