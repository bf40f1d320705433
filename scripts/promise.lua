-- A promise is a run that starts at least once, even if the host is down at its time: the store keeps the
-- job's name and the arguments. A receiver can recognize a repetition by `run.id`.

local remind = job("remind", {
  run = function(run) print(("%s: %s"):format(run.id, run.args.text)) end,
})

every("15s", { name = "planner" }, function(run)
  local id, why = remind:after("4s", { text = "the kettle of run " .. run.n })
  if id then
    log.info("promised", { id = id })
  else
    log.warn("not promised", { why = why })
  end
end)
