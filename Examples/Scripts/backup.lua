-- Dumps a database each night, encrypts the dump, uploads it to S3, and removes old ones there. Half a dump is never uploaded,
-- and nothing old is removed before the new one has arrived.
--
-- Before the first night: put a passphrase into the secret BACKUP_KEY, keep a copy of it elsewhere, and try a restore:
--
--     openssl enc -d -aes-256-cbc -pbkdf2 -pass env:BACKUP_KEY -in shop-2026-01-31.sql.gz.enc | gunzip | psql shop

permissions {
  run = { "bash", "pg_dump", "gzip", "openssl" },
  write = { "spool" },
  net = { "shop-backups.s3.eu-central-1.amazonaws.com", "localhost:5432" },
  secret = { "BACKUP_KEY", "PGPASSWORD", "S3_KEY", "S3_SECRET" },
}

local bucket, prefix = "shop-backups", "nightly/"
local days_kept, months_kept = 14, 12

local function storage()
  return require("moonwheel.s3").with {
    region = "eu-central-1", key = assert(secret "S3_KEY"), secret = assert(secret "S3_SECRET"),
  }
end

-- Dumps from the last two weeks stay, and the first one of each month for a year.
local function is_old(object, today)
  local year, month, day = object.key:match("(%d%d%d%d)%-(%d%d)%-(%d%d)%.sql%.gz%.enc$")
  if not year then return false end -- not ours
  local age = (today - object.modified) / 86400
  return age > (day == "01" and 31 * months_kept or days_kept)
end

cron("30 2 * * *", { name = "backup", timeout = "2h", retry = { max = 3, from = "10m" } }, function(run)
  local name = "shop-" .. date(run.fired_at, "%F") .. ".sql.gz.enc"
  local file = "spool/" .. name
  assert(fs.mkdir("spool"))
  for _, left in ipairs(assert(fs.list("spool/*.enc"))) do assert(fs.remove(left)) end -- of an attempt that failed

  -- bash, because in a pipe of sh a failed pg_dump would go unnoticed. Secrets belong into the environment: everybody on the
  -- machine can read the words of a program.
  assert(sh("pg_dump -h localhost -U shop shop | gzip | openssl enc -aes-256-cbc -pbkdf2 -pass env:BACKUP_KEY -out " .. sh.quote(file), {
    shell = "bash", timeout = "1h",
    env = { BACKUP_KEY = assert(secret "BACKUP_KEY"), PGPASSWORD = assert(secret "PGPASSWORD") },
  }))
  local size = assert(fs.stat(file)).size

  local s3 = storage()
  assert(s3.put(bucket, prefix .. name, nil, { from = file }))
  local there = assert(s3.head(bucket, prefix .. name))
  assert(there.size == size, "the upload is not whole")
  assert(fs.remove(file))

  local removed = 0
  for _, object in ipairs(assert(s3.list(bucket, prefix, { limit = 10000 }))) do
    if object.key ~= prefix .. name and is_old(object, run.fired_at) then
      assert(s3.delete(bucket, object.key))
      removed = removed + 1
    end
  end
  log.info("%s has %d bytes, %d old dumps removed", name, size, removed)
  return { name = name, size = size, removed = removed }
end)
