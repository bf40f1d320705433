-- `fs.data` is a folder of the script's own: it needs no permission, and outlives restarts. A file is replaced as a whole,
-- so whoever reads it never sees a half of it.

local journal = fs.data .. "/journal.txt"

every("5s", { name = "journal" }, function(run)
  assert(fs.append(journal, ("%s entry %d\n"):format(date(), run.n)))
end)

-- Reads line by line, keeps the last ten, and writes them back.
every("30s", { name = "trim" }, function()
  local last = {}
  for line in assert(fs.lines(journal)) do
    last[#last + 1] = line
    if #last > 10 then table.remove(last, 1) end
  end
  assert(fs.write(journal, table.concat(last, "\n") .. "\n"))
  print(("the journal has %d entries, %d bytes"):format(#last, fs.stat(journal).size))
end)
