-- Work in steps that take time. With `fixed_delay` the period counts from the end of a run, so runs never
-- pile up, however long the steps take.

local function step(name, duration)
  sleep(duration) -- parks this run; all others go on
  return name
end

every("3s", { name = "pipeline", fixed_delay = true }, function(run)
  local started = now()
  local steps = { step("fetch", "800ms"), step("parse", "200ms"), step("store", 0.5) }
  print(("batch %d: %s in %.1f s"):format(run.n, table.concat(steps, ", "), now() - started))
end)
