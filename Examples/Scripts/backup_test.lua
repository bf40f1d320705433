-- S3 is a table here, and the dump a line of text.

local function play(sim, objects)
  local asked = {}
  sim:mock("sh.run", function(command, options)
    asked[#asked + 1] = command
    expect(options.shell):equals("bash")
    return ""
  end)
  sim:mock("fs.stat", function() return { size = 42, kind = "file", mtime = 0 } end)
  sim:mock("fs.remove", function() return true end)
  sim:mock("http.request", function(request)
    local key = request.url:match("^https://shop%-backups%.s3%.eu%-central%-1%.amazonaws%.com/(.*)$")
    asked[#asked + 1] = request.method .. " " .. key
    if request.method == "PUT" then objects[key] = { size = 42, age = 0 } return { status = 200, headers = {} } end
    if request.method == "HEAD" then return { status = 200, headers = { ["Content-Length"] = tostring(objects[key].size) } } end
    if request.method == "DELETE" then objects[key] = nil return { status = 204, headers = {} } end
    local parts = {}
    for name, object in pairs(objects) do
      local modified = os.date("!%Y-%m-%dT%H:%M:%S.000Z", math.floor(sim:now() - object.age * 86400))
      parts[#parts + 1] = ("<Contents><Key>%s</Key><Size>%d</Size><LastModified>%s</LastModified></Contents>"):format(name, object.size, modified)
    end
    return { status = 200, headers = {}, body = "<ListBucketResult>" .. table.concat(parts) .. "</ListBucketResult>" }
  end)
  sim:load("backup.lua")
  return asked
end

test("a dump arrives before old ones go", { from = "2026-03-10", tz = "UTC" }, function(sim)
  local objects = {
    ["nightly/shop-2026-03-01.sql.gz.enc"] = { size = 1, age = 9 }, ["nightly/shop-2026-02-20.sql.gz.enc"] = { size = 1, age = 18 },
    ["nightly/shop-2026-02-01.sql.gz.enc"] = { size = 1, age = 37 }, ["nightly/shop-2024-12-01.sql.gz.enc"] = { size = 1, age = 464 },
    ["nightly/README.txt"] = { size = 1, age = 999 },
  }
  local asked = play(sim, objects)
  sim:advance("3h")
  expect(sim:runs("backup")[1].result):equals { name = "shop-2026-03-10.sql.gz.enc", size = 42, removed = 2 }
  local left = {}
  for key in pairs(objects) do left[#left + 1] = key end
  table.sort(left)
  expect(left):equals {
    "nightly/README.txt", "nightly/shop-2026-02-01.sql.gz.enc", "nightly/shop-2026-03-01.sql.gz.enc", "nightly/shop-2026-03-10.sql.gz.enc",
  }
  expect(asked[2]):equals("PUT nightly/shop-2026-03-10.sql.gz.enc")
end)

test("a dump that fails is tried again, and removes nothing", { from = "2026-03-10", tz = "UTC" }, function(sim)
  local asked = play(sim, { ["nightly/shop-2020-02-02.sql.gz.enc"] = { size = 1, age = 2000 } })
  sim:mock("sh.run", function() return nil, "exit 1: connection refused", "exit" end)
  sim:advance("4h")
  expect(asked):has_length(0)
  expect(#sim:runs("backup")):at_least(3)
  for _, run in ipairs(sim:runs("backup")) do expect(run.error):contains("connection refused") end
end)
