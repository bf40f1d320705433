-- The alarm script of --on-failure-mail and --on-failure-webhook. Above this stand `to` and `url`, of which one may be nil,
-- `machine`, and what the script asks for.

local events = "run.given_up | script.failed | scheduler.degraded"

-- Alarms of the same moment share a message. A message that does not arrive is sent again for an hour.
local function options(name)
  return {
    name = name, restart = true, backlog = 1000, debounce = "2s", batch = 100, timeout = "2m",
    retry = { max = 12, from = "5s", to = "10m" },
  }
end

local words = {
  ["run.given_up"] = "was given up", ["script.failed"] = "does not load", ["scheduler.degraded"] = "fails",
}

local function title(event)
  local p = event.payload
  local subject = p.job and p.script .. ":" .. p.job or p.script or "the store"
  local times = p.count and " " .. p.count .. " times" or ""
  return subject .. " " .. words[event.name] .. times
end

local function summary(list)
  return title(list[1]) .. (#list > 1 and " (and " .. #list - 1 .. " more)" or "")
end

local function paragraph(event)
  local p = event.payload
  local lines = { title(event) .. (p.status and " (" .. p.status .. ")" or "") }
  if p.since then lines[#lines + 1] = "since " .. date(p.since) end
  lines[#lines + 1] = p.error or p.reason
  if p.run then lines[#lines + 1] = "moonwheel runs " .. p.run end
  return table.concat(lines, "\n")
end

if to then
  on(events, options "mail", function(list)
    local parts = {}
    for i, event in ipairs(list) do parts[i] = paragraph(event) end
    assert(mail.send {
      to = to, subject = "Moonwheel on " .. machine .. ": " .. summary(list), text = table.concat(parts, "\n\n") .. "\n",
    })
  end)
end

if url then
  on(events, options "webhook", function(list)
    local alarms = {}
    for i, event in ipairs(list) do
      local p = event.payload
      alarms[i] = {
        event = event.name, script = p.script, job = p.job, run = p.run, status = p.status, count = p.count or 1,
        error = p.error or p.reason, title = title(event),
      }
    end
    -- Chats show `text`.
    local message = { text = "Moonwheel on " .. machine .. ": " .. summary(list), host = machine, alarms = alarms }
    assert(http.post(url, { json = message, timeout = "10s", fail = true }))
  end)
end
