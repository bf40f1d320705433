-- Warns when a disk is nearly full, once, and says when it has room again. The two limits lie apart, so that a disk which is
-- just at one of them does not send a message every five minutes.

-- df reads in /proc what is mounted.
permissions { run = { "df" }, read = { "/proc" }, net = { "hooks.slack.com" }, secret = { "SLACK_URL" } }

local slack = require "moonwheel.slack"

local alarm_at, clear_at = 90, 80 -- per cent

-- The use of each disk in per cent, by the folder where it is mounted.
local function disks()
  local use = {}
  for line in assert(sh({ "df", "-P", "-x", "tmpfs", "-x", "devtmpfs", "-x", "overlay" }, { log = false })).stdout:gmatch("[^\n]+") do
    local percent, folder = line:match("(%d+)%%%s+(/.*)$")
    if percent then use[folder] = tonumber(percent) end
  end
  return use
end

-- What is in `run.state` outlives restarts. It is saved when the run succeeds, so that a message which could not be sent is
-- sent by the next run.
every("5m", { name = "disk", state = { full = {} } }, function(run)
  local full, use = run.state.full, disks()
  local messages = {}
  for folder, percent in pairs(use) do
    if not full[folder] and percent >= alarm_at then
      full[folder] = true
      messages[#messages + 1] = (":rotating_light: %s is %d %% full"):format(folder, percent)
    elseif full[folder] and percent <= clear_at then
      full[folder] = nil
      messages[#messages + 1] = (":white_check_mark: %s has room again: %d %% full"):format(folder, percent)
    end
  end
  for folder in pairs(full) do
    if not use[folder] then full[folder] = nil end -- not mounted any more
  end
  if #messages == 0 then return end
  table.sort(messages)
  assert(slack.post(assert(secret "SLACK_URL"), slack.escape(table.concat(messages, "\n"))))
end)
