-- Processes the files that others put into inbox/, one after the other. A file goes to done/ or to failed/, and is never lost
-- nor done by two runs at once: whoever renames it into work/ has it. What a crash has left in work/ is done again.
--
-- Whoever writes into inbox/ should write beside it and rename, or wait a moment: files that have just changed are left alone.

permissions { run = { "sha256sum" }, write = { "inbox", "work", "done", "failed" } }

local settle, at_once = 10, 100 -- seconds; files of one run

-- What is done with a file: here its digest. Returns nil and a message where that fails.
local function process(path)
  local result, message = sh({ "sha256sum", "--", path }, { timeout = "1m", log = false })
  if not result then return nil, message end
  return result.stdout:match("^%x+")
end

local function name_of(path) return path:match("[^/]+$") end

-- Where a file may go without replacing another one.
local function free(folder, name)
  local path, number = folder .. "/" .. name, 1
  while fs.exists(path) do
    number = number + 1
    path = ("%s/%s.%d"):format(folder, name, number)
  end
  return path
end

local function take_back()
  for _, path in ipairs(assert(fs.list("work/*"))) do
    log.warn("%s was left over", path)
    assert(fs.rename(path, free("inbox", name_of(path))))
  end
end

every("30s", { name = "queue", now = true }, function()
  for _, folder in ipairs { "inbox", "work", "done", "failed" } do assert(fs.mkdir(folder)) end
  take_back()
  local done, failed = 0, 0
  for _, path in ipairs(assert(fs.list("inbox/*"))) do
    if done + failed == at_once then break end
    local facts = fs.stat(path)
    if facts and facts.kind == "file" and now() - facts.mtime >= settle then
      local mine = free("work", name_of(path))
      assert(fs.rename(path, mine))
      local result, message = process(mine)
      if result then
        done = done + 1
        assert(fs.rename(mine, free("done", name_of(path))))
        log.info("%s: %s", name_of(path), result)
      else
        failed = failed + 1
        assert(fs.rename(mine, free("failed", name_of(path))))
        log.warn("%s: %s", name_of(path), message)
      end
    end
  end
  if failed > 0 then error(("%d of %d files failed; they are in failed/"):format(failed, done + failed), 0) end
  return done
end)
