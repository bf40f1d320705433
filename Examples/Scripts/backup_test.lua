-- S3 is a table here, and the dump a line of text.

local function play(sim, objects)
  local uploads = {}
  sim:mock("sh.run", function(_, options)
    expect(options.shell):equals("bash")
    return ""
  end)
  sim:mock("fs.stat", function() return { size = 42, kind = "file", mtime = 0 } end)
  sim:mock("fs.remove", function() return true end)
  sim:mock("s3.put", function(bucket, key, _, options)
    uploads[#uploads + 1] = { bucket = bucket, key = key, from = options.from }
    objects[key] = { size = 42, modified = sim:now() }
    return { etag = "x" }
  end)
  sim:mock("s3.head", function(_, key) return objects[key] end)
  sim:mock("s3.delete", function(_, key)
    expect(#uploads > 0):is_true()
    objects[key] = nil
    return true
  end)
  sim:mock("s3.list", function(_, prefix)
    local list = {}
    for key, object in pairs(objects) do
      if key:sub(1, #prefix) == prefix then list[#list + 1] = { key = key, size = object.size, modified = object.modified } end
    end
    return list
  end)
  sim:load("backup.lua")
  return uploads
end

test("a dump arrives before old ones go", { from = "2026-03-10", tz = "UTC" }, function(sim)
  local function object(days) return { size = 1, modified = sim:now() - days * 86400 } end
  local objects = {
    ["nightly/shop-2026-03-01.sql.gz.enc"] = object(9), ["nightly/shop-2026-02-20.sql.gz.enc"] = object(18),
    ["nightly/shop-2026-02-01.sql.gz.enc"] = object(37), ["nightly/shop-2024-12-01.sql.gz.enc"] = object(464),
    ["nightly/README.txt"] = object(999), ["elsewhere/shop-2020-02-02.sql.gz.enc"] = object(999),
  }
  local uploads = play(sim, objects)
  sim:advance("3h")
  expect(sim:runs("backup")[1].result):equals { name = "shop-2026-03-10.sql.gz.enc", size = 42, removed = 2 }
  expect(uploads):equals {
    { bucket = "shop-backups", key = "nightly/shop-2026-03-10.sql.gz.enc", from = "spool/shop-2026-03-10.sql.gz.enc" },
  }
  local left = {}
  for key in pairs(objects) do left[#left + 1] = key end
  table.sort(left)
  expect(left):equals {
    "elsewhere/shop-2020-02-02.sql.gz.enc", "nightly/README.txt", "nightly/shop-2026-02-01.sql.gz.enc",
    "nightly/shop-2026-03-01.sql.gz.enc", "nightly/shop-2026-03-10.sql.gz.enc",
  }
end)

test("a dump that fails is tried again, and removes nothing", { from = "2026-03-10", tz = "UTC" }, function(sim)
  local objects = { ["nightly/shop-2020-02-02.sql.gz.enc"] = { size = 1, modified = 0 } }
  local uploads = play(sim, objects)
  sim:mock("sh.run", function() return nil, "exit 1: connection refused", "exit" end)
  sim:advance("4h")
  expect(uploads):has_length(0)
  expect(objects["nightly/shop-2020-02-02.sql.gz.enc"]).never:is_nil()
  expect(#sim:runs("backup")):at_least(3)
  for _, run in ipairs(sim:runs("backup")) do expect(run.error):contains("connection refused") end
end)

test("an upload that is not whole removes nothing", { from = "2026-03-10", tz = "UTC" }, function(sim)
  local objects = { ["nightly/shop-2020-02-02.sql.gz.enc"] = { size = 1, modified = 0 } }
  play(sim, objects)
  sim:mock("s3.head", function() return { size = 41 } end)
  sim:advance("2h 31m")
  expect(sim:runs("backup")[1].error):contains("the upload is not whole")
  expect(objects["nightly/shop-2020-02-02.sql.gz.enc"]).never:is_nil()
end)
