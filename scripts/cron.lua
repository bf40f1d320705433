-- Calendar times: minute, hour, day, month, weekday. With six fields, seconds come first.

cron("*/10 * * * * *", { name = "tokyo" }, function()
  print("in Tokyo it is " .. date(now(), "%H:%M:%S", "Asia/Tokyo"))
end)

cron("0 9 * * mon-fri", { name = "standup", tz = "Europe/Berlin" }, function()
  print("good morning, time for the stand-up")
end)

-- In the night when the clock skips 02:30, this fires once, just after the gap.
cron("30 2 * * *", { name = "nightly", tz = "America/New_York" }, function(run)
  log.info("nightly work", { due = date(run.scheduled_at), late = run.late })
end)
