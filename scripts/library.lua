-- `require` finds modules beside the script and in its lib/ folder. Moonwheel watches them too: when you
-- change lib/greeting.lua, it loads this script again.

local greeting = require("greeting")

every("8s", { name = "greeter", args = { names = { "Ada", "Grace", "Edsger" } } }, function(run)
  local names = run.args.names
  print(greeting.to(names[(run.n - 1) % #names + 1]))
end)
