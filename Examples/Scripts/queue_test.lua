-- The disk is a table here: the time of the last change, by path.

local function play(sim, files, answer)
  sim:mock("fs.mkdir", function() return true end)
  sim:mock("fs.exists", function(path) return files[path] ~= nil end)
  sim:mock("fs.stat", function(path) return files[path] and { kind = "file", size = 1, mtime = files[path] } end)
  sim:mock("fs.list", function(glob)
    local list, folder = {}, glob:match("^[^*]+")
    for path in pairs(files) do
      if path:sub(1, #folder) == folder then list[#list + 1] = path end
    end
    table.sort(list)
    return list
  end)
  sim:mock("fs.rename", function(from, to)
    expect(files[to]):is_nil()
    files[from], files[to] = nil, files[from]
    return true
  end)
  sim:mock("sh.run", answer or function(words) return "abc123  " .. words[3] .. "\n" end)
  sim:load("queue.lua")
end

local function paths(files)
  local list = {}
  for path in pairs(files) do list[#list + 1] = path end
  table.sort(list)
  return list
end

test("files are done once each, and failures are kept apart", function(sim)
  local files, calls = { ["inbox/a.txt"] = 0, ["inbox/bad.txt"] = 0, ["done/a.txt"] = 0 }, 0
  play(sim, files, function(words)
    calls = calls + 1
    if words[3] == "work/bad.txt" then return nil, "exit 1: broken", "exit" end
    return "abc123  " .. words[3] .. "\n"
  end)
  sim:advance("2m")
  expect(paths(files)):equals { "done/a.txt", "done/a.txt.2", "failed/bad.txt" }
  expect(calls):equals(2)
  expect(sim:runs("queue")[1].error):equals("1 of 2 files failed; they are in failed/")
  expect(sim:runs("queue")[2].status):equals("succeeded")
end)

test("a file that has just changed is left alone", function(sim)
  local files = { ["inbox/a.txt"] = sim:now() + 25 }
  play(sim, files)
  sim:advance("31s")
  expect(paths(files)):equals { "inbox/a.txt" }
  sim:advance("30s")
  expect(paths(files)):equals { "done/a.txt" }
end)

test("what a crash has left is done again", function(sim)
  local files = { ["work/a.txt"] = 0, ["inbox/a.txt"] = 0 }
  play(sim, files)
  sim:advance("1m")
  expect(paths(files)):equals { "done/a.txt", "done/a.txt.2" }
  expect(sim:log("queue")[1].message):equals("work/a.txt was left over")
end)
