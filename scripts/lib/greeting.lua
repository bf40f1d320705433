-- A module is loaded once for each load of a script that requires it.

local greeting = {}

function greeting.to(name)
  return ("hello, %s"):format(name)
end

return greeting
