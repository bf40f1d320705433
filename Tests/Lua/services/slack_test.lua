-- The module moonwheel.slack, with a Slack that the test plays.

local url = "https://hooks.slack.com/services/T000/B000/secretsecret"

-- Runs the text as the body of a job, with answers of Slack in their order. Returns the run, and what was sent.
local function posted(sim, body, answers)
  local sent = {}
  sim:mock("http.request", function(options)
    sent[#sent + 1] = options
    local answer = answers[#sent] or answers[#answers]
    if answer.why then return nil, answer.why, answer.code end
    return answer
  end)
  sim:load("post.lua", 'local slack, url = require "moonwheel.slack", "' .. url .. '"\n'
    .. 'job("post", { run = function() ' .. body .. " end })")
  sim:trigger("post")
  sim:advance("10m")
  return sim:runs("post")[1], sent
end

local ok = { status = 200, body = "ok" }

test("a text is sent as JSON", function(sim)
  local run, sent = posted(sim, 'return slack.post(url, "a & \\"b\\"\\n")', { ok })
  expect(run.result):equals(true)
  expect(sent):has_length(1)
  expect(sent[1].method):equals("POST")
  expect(sent[1].url):equals(url)
  expect(json.decode(sent[1].body)):equals { text = 'a & "b"\n' }
end)

test("a table is sent as it is", function(sim)
  local _, sent = posted(sim, [[
    return slack.post(url, { text = "t", blocks = { { type = "section", text = { type = "mrkdwn", text = slack.escape "<a> & b" } } } })]],
    { ok })
  expect(json.decode(sent[1].body)):equals {
    text = "t", blocks = { { type = "section", text = { type = "mrkdwn", text = "&lt;a&gt; &amp; b" } } },
  }
end)

test("bytes that are no UTF-8 do not fail it", function(sim)
  local run, sent = posted(sim, 'return slack.post(url, "a\\xffb")', { ok })
  expect(run.result):equals(true)
  expect(json.decode(sent[1].body).text):equals("a\u{FFFD}b")
end)

test("a text that is too long is cut, and says so", function(sim)
  local _, sent = posted(sim, 'return slack.post(url, ("é"):rep(50000))', { ok })
  local text = json.decode(sent[1].body).text
  expect(utf8.len(text)):equals(40000)
  expect(text):matches("é\n%.%.%. %(50000 characters in all%)$")
end)

test("what Slack would refuse is not sent", function(sim)
  local run, sent = posted(sim, [[
    local blocks = {}
    for i = 1, 51 do blocks[i] = { type = "divider" } end
    local _, many = slack.post(url, { blocks = blocks })
    local done, long, code = slack.post(url, { blocks = { { text = { text = ("x"):rep(3001) } } } })
    return { many, long, code }]], { ok })
  expect(run.result):equals {
    "slack.post: the message has 51 blocks; Slack takes 50",
    "slack.post: the message has 3001 characters in blocks[1].text; Slack takes 3000", "too_large",
  }
  expect(sent):has_length(0)
end)

test("a refusal says what Slack said", function(sim)
  local run = posted(sim, 'return { select(2, slack.post(url, "x")) }', { { status = 404, body = "no_service\n" } })
  expect(run.result):equals {
    "slack.post: Slack refused the message: HTTP 404: the webhook has been removed or switched off (no_service)", "status",
  }
end)

test("it waits as long as Slack wants, three times at most", function(sim)
  local busy = { status = 429, headers = { ["Retry-After"] = "30" }, body = "rate_limited" }
  local run, sent = posted(sim, 'return slack.post(url, "x")', { busy, busy, ok })
  expect(run.result):equals(true)
  expect(sent):has_length(3)
  expect(run.ended_at - run.started_at):near(60, 1)
end)

test("it gives up when Slack wants a long pause", function(sim)
  local run, sent = posted(sim, 'return { select(2, slack.post(url, "x")) }',
    { { status = 429, headers = { ["Retry-After"] = "3600" }, body = "rate_limited" } })
  expect(run.result[1]):contains("HTTP 429: too many messages; it takes more in 3600 s")
  expect(sent):has_length(1)
end)

test("what may have been taken is not sent again, and what was not is", function(sim)
  local lost = { why = "http.request: no answer within 10 s", code = "timeout" }
  local run, sent = posted(sim, 'return { select(2, slack.post(url, "x")) }', { lost })
  expect(run.result[2]):equals("timeout")
  expect(sent):has_length(1)
end)

test("a failed connection is tried again", function(sim)
  local refused = { why = "http.request: cannot connect to hooks.slack.com:443", code = "connect" }
  local run, sent = posted(sim, 'return slack.post(url, "x")', { refused, ok })
  expect(run.result):equals(true)
  expect(sent):has_length(2)
end)

test("no message shows the URL", function(sim)
  local run = posted(sim, [[
    local _, one = slack.post(url, "x", { tries = 1 })
    local _, two = slack.post(url, "x", { tries = 1 })
    local _, three = slack.post(url, "x", { tries = 1 })
    local _, four = pcall(slack.post, "hooks.slack.com/services/T000/B000/secretsecret", "x")
    return { one, two, three, four }]], {
    { why = "POST " .. url .. " failed", code = "read" }, { why = "no /services/T000/B000/secretsecret there", code = "read" },
    { status = 500, body = "cannot POST /services/T000/B000/secretsecret" },
  })
  expect(run.result):has_length(4)
  expect(run.result[1]):equals("POST https://hooks.slack.com/*** failed")
  for _, text in ipairs(run.result) do expect(text).never:contains("secretsecret") end
end)

test("mistakes name the place in the script", function(sim)
  local run = posted(sim, [[
    local messages = {}
    local function try(...) messages[#messages + 1] = select(2, pcall(...)) end
    try(function() slack.post(nil, "x") end)
    try(function() slack.post(url) end)
    try(function() slack.post(url, "") end)
    try(function() slack.post(url, "x", { tires = 3 }) end)
    try(function() slack.post(url, "x", { tries = 0 }) end)
    return messages]], { ok })
  expect(run.result):equals {
    "post.lua:4: slack.post takes the URL of a webhook first, such as https://hooks.slack.com/services/..., not a nil",
    "post.lua:5: slack.post takes a text or a table after the URL, not a nil",
    "post.lua:6: slack.post: the message is empty: it needs a text, blocks or attachments",
    'post.lua:7: slack.post: unknown option "tires"; there are timeout, tries',
    "post.lua:8: slack.post: tries must be a whole number from 1 to 10",
  }
end)
