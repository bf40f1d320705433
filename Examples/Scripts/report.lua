-- Tells a channel of Slack each morning how this machine is. Make the webhook at https://api.slack.com/messaging/webhooks and
-- put its URL into the secret SLACK_URL.

permissions { run = { "df", "uptime", "free" }, net = { "hooks.slack.com" }, secret = { "SLACK_URL" }, read = { "/proc" } }

local slack = require "moonwheel.slack"

-- What a command says; a report on the rest is better than none.
local function said(...)
  local result, message = sh({ ... }, { log = false, timeout = "10s" })
  return result and result.stdout:gsub("%s+$", "") or message
end

every("weekday at 08:00", { name = "report", retry = { max = 5, from = "1m" } }, function(run)
  local text = ("%s\n\n%s\n\n%s"):format(
    said("uptime"), said("df", "-h", "-x", "tmpfs", "-x", "devtmpfs"), said("free", "-h"))
  assert(slack.post(assert(secret "SLACK_URL"), {
    text = "Good morning, this is the report of " .. date(run.fired_at, "%A"),
    blocks = {
      { type = "section", text = { type = "mrkdwn", text = "*Report of " .. date(run.fired_at, "%A, %F") .. "*" } },
      { type = "section", text = { type = "mrkdwn", text = "```" .. slack.escape(text:sub(1, 2500)) .. "```" } },
    },
  }))
end)
