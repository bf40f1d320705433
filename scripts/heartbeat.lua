-- The smallest job. While Moonwheel runs, change the text below and save the file:
-- the next beat prints the new text.

every("2s", { name = "heartbeat" }, function(run)
  print("the moon turns, beat " .. run.n)
end)
