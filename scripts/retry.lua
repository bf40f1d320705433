-- A failed run is retried, with longer and longer delays. Hooks report how it went.
-- Errors that match `unless` are not retried, because a retry cannot help.

local weather = { "503 busy", "503 busy", "sunny", "404 no such town" }

every("10s", {
  name = "weather",
  retry = { max = 3, from = "500ms", factor = 2, unless = "^404" },
  on_retry = function(run, e) log.info("again", { attempt = run.attempt, why = e.message }) end,
  on_failure = function(run, e) log.warn("given up", { attempt = run.attempt, why = e.message }) end,
  on_success = function(run, result) print("it is " .. result) end,
}, function(run)
  local answer = weather[(run.n - 1) % #weather + 1]
  if answer:find("^%d") then error(answer, 0) end
  return answer
end)
