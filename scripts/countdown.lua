-- A job can end itself with `return cancel`, and trigger another job through its handle.

local launch = job("launch", {
  run = function(run) print("lift-off with " .. run.args.crew) end,
})

every("4s", { name = "countdown" }, function(run)
  local left = 3 - run.n
  if left > 0 then
    print(left .. " ...")
  else
    launch:trigger { crew = "Laika" }
    return cancel -- for good
  end
end)
