-- Jobs that run once: after a delay, or at an instant.

after("3s", { name = "greet" }, function()
  print("three seconds after the start")

  -- What a callback registers lives until the next reload of this script.
  at(now() + 6, function(run)
    print(("and six seconds later, %.0f ms late"):format(run.late * 1000))
  end)
end)

at("2030-01-01 00:00", { name = "decade", tz = "Pacific/Auckland" }, function()
  print("a new decade begins in Auckland")
end)
