-- Asks a server every 5 seconds whether it is well. Alerts at the second failure in a row, once, and at the recovery.
--
-- The server is played by the job below, so that this runs on any machine. A real check has in `ask`:
--   local res, why = http.get("https://shop.example.org/health", { timeout = "3s", fail = true })
-- and asks for it at the top:  permissions { net = { "shop.example.org" } }

local is_up = true

every("17s", { name = "server" }, function()
  is_up = not is_up
  print(is_up and "the server is started" or "the server is killed")
end)

local function ask()
  if is_up then return true end
  return nil, "connection refused"
end

-- Where an alert goes: a mail, a chat, a pager. Other scripts can handle the event, too.
local function alert(text, fields)
  log.warn(text, fields)
  emit("health.changed", { text = text })
end

-- The state survives restarts: no alert comes twice, and no recovery is missed.
every("5s", { name = "health", state = { failures = 0 }, timeout = "10s" }, function(run)
  local state = run.state
  local well, why = ask()
  if not well then
    state.failures = state.failures + 1
    if state.failures == 2 then
      state.since = now()
      alert("the server is down", { why = why })
    end
  else
    if state.failures >= 2 then
      alert("the server is back", { down_for = math.floor(now() - state.since) })
    end
    state.failures, state.since = 0, nil
  end
end)
