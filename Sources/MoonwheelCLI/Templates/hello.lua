-- A script registers jobs, and Moonwheel calls their functions when they are due.
-- While `moonwheel run` goes, change the text below and save: the next run prints the new text.

every("2s", { name = "hello" }, function(run)
  print("hello, run " .. run.n)
end)

every("weekday at 09:00", { name = "report", retry = 3 }, function()
  emit("report.ready", { at = now() })
end)

on("report.ready", { name = "reader" }, function(event)
  print("a report of " .. date(event.payload.at, "%A"))
end)
