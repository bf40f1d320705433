-- slack.post: a message to a channel, by the URL of an incoming webhook. The URL is a secret: no message shows it.

local services = require "moonwheel.services"
local json, next, type, utf8 = json, next, type, utf8
local format, gsub, sub = string.format, string.gsub, string.sub

local slack = {}

-- Slack's limits, in characters. It cuts a longer text itself, without a word.
local longest_text, most_blocks, longest_section, most_attachments = 40000, 50, 3000, 100

local options_of_post = { timeout = "number|string", tries = "number" }

local meanings = {
  no_text = "the message has no text",
  invalid_payload = "it cannot read the message",
  invalid_blocks = "one of the blocks is not as Slack wants it",
  invalid_token = "the webhook is not valid",
  no_service = "the webhook has been removed or switched off",
  no_team = "the workspace is gone, or switched off",
  channel_not_found = "the channel of the webhook is gone",
  channel_is_archived = "the channel of the webhook is archived",
  action_prohibited = "an administrator has forbidden it",
  posting_to_general_channel_denied = "an administrator has forbidden messages to this channel",
}

-- Slack reads &, < and > as the beginnings of links and mentions.
local escapes = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;" }

function slack.escape(text)
  if type(text) ~= "string" then services.mistake("slack.escape takes a string, not a %s", type(text)) end
  return (gsub(text, "[&<>]", escapes))
end

-- The length in characters; bytes that are no UTF-8 count as one each, since they are replaced.
local function length(text) return utf8.len(text, 1, -1, true) or #text end

local function shortened(text)
  local count = length(text)
  if count <= longest_text then return text end
  local note = format("\n... (%d characters in all)", count)
  local keep = longest_text - #note
  local last = utf8.len(text) and utf8.offset(text, keep + 1) or keep + 1
  return sub(text, 1, last - 1) .. note
end

-- What Slack would refuse without saying where it is.
local function excess(message)
  local blocks, attachments = message.blocks, message.attachments
  if type(attachments) == "table" and #attachments > most_attachments then
    return format("%d attachments; Slack takes %d", #attachments, most_attachments)
  end
  if type(blocks) ~= "table" then return nil end
  if #blocks > most_blocks then return format("%d blocks; Slack takes %d", #blocks, most_blocks) end
  for number = 1, #blocks do
    local text = type(blocks[number]) == "table" and blocks[number].text
    text = type(text) == "table" and text.text
    if type(text) == "string" and length(text) > longest_section then
      return format("%d characters in blocks[%d].text; Slack takes %d", length(text), number, longest_section)
    end
  end
end

local function payload_of(message)
  if type(message) == "string" then message = { text = message } end
  if type(message) ~= "table" then
    services.mistake("slack.post takes a text or a table after the URL, not a %s", type(message))
  end
  local text = message.text
  if (text == nil or text == "") and message.blocks == nil and message.attachments == nil then
    services.mistake("slack.post: the message is empty: it needs a text, blocks or attachments")
  end
  local payload = {}
  for name, value in next, message do payload[name] = value end
  if type(text) == "string" then payload.text = shortened(text) end
  return payload
end

function slack.post(url, message, options)
  local origin, rest
  if type(url) == "string" then origin, rest = services.split(url) end
  if not origin then
    services.mistake("slack.post takes the URL of a webhook first, such as https://hooks.slack.com/services/..., not %s",
      type(url) == "string" and "this string" or "a " .. type(url))
  end
  options = services.options(options, options_of_post, "slack.post")
  local payload, tries = payload_of(message), services.tries(options, "slack.post")
  local too_much = excess(payload)
  if too_much then return nil, "slack.post: the message has " .. too_much, "too_large" end
  local request = {
    method = "POST", url = url, redirects = 0, timeout = options.timeout or 10,
    headers = { ["Content-Type"] = "application/json; charset=utf-8" },
    body = json.encode(payload, { utf8 = "replace" }),
  }
  -- Only what Slack has certainly not taken is sent again: a message must not appear twice.
  local response, why, code = services.repeated(tries, { [429] = true }, { connect = true, dns = true }, function()
    return services.request(request)
  end)
  if not response then
    why = services.without(services.without(why, url, origin .. "/***"), rest, "/***")
    return nil, why, code
  end
  if response.status == 200 then return true end
  local said = services.without(services.line(response.body), rest, "/***")
  local meaning = meanings[said]
  if meaning then said = format("%s (%s)", meaning, said) end
  if response.status == 429 then
    local after = services.header(response, "retry-after")
    said = "too many messages" .. (after and format("; it takes more in %s s", after) or "")
  end
  return nil, format("slack.post: Slack refused the message: HTTP %d: %s", response.status, said), "status"
end

return services.module("slack", slack)
