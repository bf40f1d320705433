-- Runs a program without a shell, and looks at what it says. It reaches nothing but what the script may reach itself.

permissions { run = { "stat" } }

every("10s", { name = "disk", timeout = "5s" }, function()
  local said = assert(sh { "stat", "--file-system", "--format=%a %b", "/", log = false }).stdout
  local free, all = said:match("(%d+) (%d+)")
  local percent = 100 * free // all
  if percent < 10 then
    log.warn("the disk is nearly full", { free = percent })
  else
    print(("%d%% of the disk is free"):format(percent))
  end
  return percent
end)

-- A program that fails is no error by itself: `assert` would make it one.
every("25s", { name = "lookup" }, function()
  local done, why, code, result = sh { "stat", "/no such file", log = false }
  if not done then print(code, result and result.code, why) end
end)
