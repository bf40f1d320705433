-- Warns before a certificate expires: three weeks ahead, a week, and a day, once each. It looks at the certificate that the
-- server shows, which is what counts: a renewed file that nobody has loaded is no help.

permissions { run = { "sh", "openssl" }, net = { "example.com", "example.org", "hooks.slack.com" }, secret = { "SLACK_URL" } }

local slack = require "moonwheel.slack"

local hosts = { "example.com", "example.org" }
local warn_at = { 21, 7, 1 } -- days

local months = { Jan = 1, Feb = 2, Mar = 3, Apr = 4, May = 5, Jun = 6, Jul = 7, Aug = 8, Sep = 9, Oct = 10, Nov = 11, Dec = 12 }

-- In how many days the certificate of a host expires; or nil and why nobody knows.
local function days_left(host)
  local name = sh.quote(host)
  local result, message = sh(
    "openssl s_client -connect " .. name .. ":443 -servername " .. name .. " </dev/null 2>/dev/null | openssl x509 -noout -enddate",
    { log = false, timeout = "30s" })
  if not result then return nil, message end
  local month, day, clock, year = result.stdout:match("notAfter=(%a+)%s+(%d+)%s+(%d+:%d+):%d+%s+(%d+)")
  if not month then return nil, "openssl says: " .. result.stdout end
  local text = ("%s-%02d-%02d %s"):format(year, months[month], day, clock)
  return (at(text, { tz = "UTC" }):next(0) - now()) / 86400
end

-- `run.state` keeps the last warning of each host, so that each is sent once.
every("day at 09:00", { name = "certificates", state = { warned = {} }, retry = { max = 3, from = "10m" } }, function(run)
  local warned, messages = run.state.warned, {}
  for _, host in ipairs(hosts) do
    local days, message = days_left(host)
    local level = 0
    for i, limit in ipairs(warn_at) do
      if days and days <= limit then level = i end
    end
    if not days then
      log.warn("%s: %s", host, message)
    elseif level > (warned[host] or 0) then
      messages[#messages + 1] = ("The certificate of %s expires in %.0f days"):format(host, days)
    end
    if days then warned[host] = level end
  end
  if #messages > 0 then assert(slack.post(assert(secret "SLACK_URL"), table.concat(messages, "\n"))) end
end)
