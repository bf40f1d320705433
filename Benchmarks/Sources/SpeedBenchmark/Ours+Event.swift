import BenchmarkSupport
import Moonwheel

extension Ours {
  /// Events with a payload of five fields, from one script to another and back, in `chains` chains at once.
  static func event(chains: Int, rounds: Int) async throws -> Figures {
    let length = 100
    var configuration = Configuration()
    configuration.eventDepth = 250
    configuration.texts = [
      (
        name: "asks.lua",
        source: """
        local left
        local function ask(n)
          emit("ping", { id = n, name = "order", price = 9.5, paid = true, note = "in time" })
        end
        on("go", function()
          left = \(chains * length)
          for n = 1, \(chains) do ask(n) end
        end)
        on("pong", function(event)
          left = left - 1
          if left == 0 then report("over") elseif left >= \(chains) then ask(event.payload.id) end
        end)
        """
      ),
      (
        name: "answers.lua",
        source: """
        on("ping", function(event)
          local order = event.payload
          emit("pong", { id = order.id, name = order.name, price = order.price, paid = order.paid, note = order.note })
        end)
        """
      ),
    ]
    let host = try Host(configuration)
    _ = try await host.ask("go", for: "over")
    let times = max(1, rounds / (chains * length))
    let used = Process.processorTime()
    let start = Process.monotonicTime()
    for _ in 0..<times { _ = try await host.ask("go", for: "over") }
    let trips = Double(times * chains * length)
    let time = Double(Process.processorTime() - used)
    let wall = Double(Process.monotonicTime() - start)
    await host.stop()
    return ["trips": trips, "cpu_us": time / trips / 1e3, "wall_us": wall / trips / 1e3]
  }
}
