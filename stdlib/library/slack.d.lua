---@meta moonwheel.slack

-- Slack -------------------------------------------------------------------------------------------

---Messages to Slack by an incoming webhook, and to what takes the same (Mattermost, Rocket.Chat, Discord's `/slack`).
---Get it by `local slack = require "moonwheel.slack"`.
---@class moonwheel.Slack
local slack = {}

---@class moonwheel.SlackOptions
---@field timeout moonwheel.Duration? of one try; default 10 s
---@field tries integer? how often it is sent at most, while Slack is out of reach or wants a pause of up to 60 s; default 3

---Sends a message. The URL is the secret: no message and no log line of this function shows it. A text beyond 40,000
---characters is cut, and says so.
---
---```lua
---permissions { net = { "hooks.slack.com" }, secret = { "SLACK_URL" } }
---local slack = require "moonwheel.slack"
---every("day at 08:00", { name = "greet" }, function()
---  assert(slack.post(secret "SLACK_URL", "good morning"))
---end)
---```
---@param url string of the webhook
---@param message string|table a text, or what Slack takes: `text`, `blocks`, `attachments`
---@param options? moonwheel.SlackOptions
---@return true? done or nil
---@return string? message what Slack says, such as `no_text`, with its meaning
---@return string? code `status` if Slack has refused it, `too_large`, or one of `http.request`
function slack.post(url, message, options) end

---Makes a text that Slack shows as it is: `&`, `<` and `>` would begin links and mentions.
---@param text string
---@return string
function slack.escape(text) end

return slack
