-- Looks each minute whether the disk is filling up; `run` is a function of the Swift program.

every("1m", { name = "disk", now = true, timeout = "10s" }, function()
  local out, why = run("df", "--output=pcent", "/")
  if not out then error(why) end
  local percent = tonumber(out:match("(%d+)%%"))
  emit("disk.checked", { percent = percent })
  if percent > 90 then log.warn("the disk is " .. percent .. " % full") end
end)
