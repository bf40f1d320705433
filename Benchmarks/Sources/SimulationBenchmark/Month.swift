/// 20 realistic scripts, of the kinds that `scripts/` shows: they wait, emit, log, keep a state and fail.
enum Month {
  static let scripts = (0..<20).map { number in
    (name: "script\(number).lua", source: kinds[number % kinds.count])
  }

  private static let kinds = [
    """
    every("1h", { name = "sync", timeout = "5m", overlap = "queue" }, function(run)
      sleep("30s")
      log.info("synced", { n = run.n })
      return { files = run.n % 7 }
    end)
    cron("0 9 * * mon-fri", { name = "standup" }, function() print("good morning") end)
    """,
    """
    every("30m", { name = "count", state = { n = 0 } }, function(run) run.state.n = run.state.n + 1 end)
    every("day at 02:30", { name = "report" }, function(run)
      local sum = 0
      for i = 1, 1000 do sum = sum + i end
      return sum
    end)
    """,
    """
    every("2h", { name = "shop" }, function(run)
      emit("order.new", { id = run.n })
      sleep("1m")
      emit("order.paid", { id = run.n })
    end)
    on("order.new", { name = "cashier" }, function(event)
      if wait("order.paid", "5m") then print("order " .. event.payload.id .. " is paid") end
    end)
    """,
    """
    local remind = job("remind", { run = function(run) print("remember " .. run.args.id) end })
    every("6h", { name = "promise" }, function(run) remind:after("3h", { id = run.n }) end)
    cron("H * * * *", { name = "poll" }, function() sleep("2s") end)
    """,
  ]
}
