-- `run.state` is a table that survives restarts: each run that succeeds saves it. Stop Moonwheel, start it
-- again, and the diary continues.

every("7s", { name = "diary", state = { pages = 0 } }, function(run)
  local diary = run.state
  diary.since = diary.since or date(now(), "%F %T")
  diary.pages = diary.pages + 1
  print(("page %d of the diary, begun %s"):format(diary.pages, diary.since))
end)
