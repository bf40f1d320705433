import Moonwheel
import MoonwheelSimulation
import MoonwheelTesting
import Testing

@Test func `the nightly report comes once, also where the host was down at its time`() throws {
  let (simulation, trace) = try Simulation.load(
    [
      "report.lua": """
      cron("30 2 * * *", { name = "report" }, function(run)
        emit("report.done", { orders = shop.orders(), late = run.late })
      end)
      """
    ],
    from: Timestamp(seconds: 1_774_656_000),  // 2026-03-28, the day before the clocks change
    timeZone: "Europe/Berlin",
    functions: [Simulation.Function("shop.orders") { _ in 42 }])

  // 01:30 on the 29th
  try simulation.plan(outageAt: Timestamp(seconds: 1_774_744_200), for: .seconds(3_600))
  try simulation.run(for: .seconds(2 * 86_400))

  let runs = trace.runs(of: "report")
  #expect(runs.map(\.status) == ["succeeded", "succeeded"])
  #expect(runs.map(\.late) == [0, 1_800])
  #expect(try trace.events("report.*").map { $0.payload["orders"] } == [42, 42])
}
