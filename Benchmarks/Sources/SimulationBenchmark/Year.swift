/// 100 jobs of all kinds with empty callbacks in ten scripts: about a million fires in a year.
enum Year {
  static let scripts = (0..<10).map { number in
    (
      name: "script\(number).lua",
      source: """
      local function nothing() end
      every("\(40 + number)m", { name = "period" }, nothing)
      every("1h", { name = "jittered", jitter = "5m" }, nothing)
      every("20 to 40 minutes", { name = "drawn" }, nothing)
      cron("*/\(10 + number) * * * *", { name = "minutes", overlap = "queue" }, nothing)
      cron("H 3 * * *", { name = "nightly", tz = "America/New_York" }, nothing)
      cron("\(number) 9-17 * * mon-fri", { name = "office" }, nothing)
      every("day at 02:30", { name = "daily" }, nothing)
      every("month on the last friday at 17:00", { name = "monthly", retry = 2 }, nothing)
      on("run.failed", { name = "handler" }, nothing)
      job("union", { on = every("2h") | cron("30 * * * *"), run = nothing })
      """
    )
  }
}
