-- `require` finds modules beside the script and in its lib/ folder. They are watched too: change
-- lib/greeting.lua, and this script is loaded anew.

local greeting = require("greeting")

every("8s", { name = "greeter", args = { names = { "Ada", "Grace", "Edsger" } } }, function(run)
  local names = run.args.names
  print(greeting.to(names[(run.n - 1) % #names + 1]))
end)
