-- A promise is a named job and data: kept in the store, it is run at least once, also when the
-- host was down at its time. `run.id` tells a receiver a repetition.

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
