-- The first script. Change the text and save: the next run prints the new one.
every("1m", { name = "hello" }, function(run)
  print("the moon turns, run " .. run.n)
end)
