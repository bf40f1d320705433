-- `run.state` is a table that outlives the host: it is saved with each run that succeeds. Stop
-- Moonwheel, start it again, and it counts on.

every("7s", { name = "diary", state = { pages = 0 } }, function(run)
  local diary = run.state
  diary.since = diary.since or date(now(), "%F %T")
  diary.pages = diary.pages + 1
  print(("page %d of the diary, begun %s"):format(diary.pages, diary.since))
end)
