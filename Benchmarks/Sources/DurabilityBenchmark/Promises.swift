import BenchmarkSupport
import Moonwheel

/// Many coroutines promise runs at once: each waits until its promise is on the disk.
enum Promises {
  private static let coroutines = isSmoke ? 50 : 400
  private static let each = isSmoke ? 4 : 100

  private static let script = """
    local sink = job("sink", { overlap = "allow", max_instances = 1000, run = function() end })
    local left, begun = \(coroutines), nil
    on("go", { name = "go" }, function()
      begun = now()
      for i = 1, \(coroutines) do
        after("1ms", { name = "promiser " .. i }, function()
          for _ = 1, \(each) do
            local id, why = sink:trigger { i }
            if not id then error(why) end
          end
          left = left - 1
          if left == 0 then report("acknowledged", now() - begun) end
        end)
      end
    end)
    """

  static func measure() async throws {
    var rates: [Double] = []
    for _ in 1...(isSmoke ? 1 : 5) {
      let folder = Folder()
      let host = try await Host(script, store: folder.store)
      try host.scheduler.emit("go")
      let seconds = await host.next("acknowledged")[0]
      rates.append(Double(coroutines * each) / seconds)
      await host.stop()
    }
    print("\(coroutines) coroutines promise \(each) runs each")
    row("  promises acknowledged a second", rounded(median(rates), 0))
  }
}
