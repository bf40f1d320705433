-- The smallest job there is. While Moonwheel runs, change the text below and save the file:
-- the next line that you see already comes from the new text.

every("2s", { name = "heartbeat" }, function(run)
  print("the moon turns, beat " .. run.n)
end)
