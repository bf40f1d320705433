import LuaRuntime
import MoonwheelModel
import Testing

/// The memory that the isolates of one script and the host for it hold together.
@Suite struct MemoryAccountTests {
  private static let fill = """
    local ok, e = pcall(function() kept = {} for i = 1, math.huge do kept[i] = ("x"):rep(1000) .. i end end)
    return e
    """
  private let script = MemoryAccount()

  @Test func `isolates of one account share its memory, and give it back`() throws {
    let account = MemoryAccount(of: script, cap: 8 << 20)
    let most = 10 << 20 + 1 << 20
    do {
      var benches: [Bench] = []
      for _ in 1...4 {
        benches.append(try Bench(limits: IsolateLimits(memory: 8 << 20), account: account))
      }
      for bench in benches { #expect(try bench.run(Self.fill).text?.contains("memory") == true) }
      #expect(account.states > 8 << 20 && account.states < most, "\(account.states)")
    }
    #expect(account.states == 0)
  }

  @Test func `what the host keeps is missing in the heap`() throws {
    let account = MemoryAccount(of: script, cap: 8 << 20)
    let bench = try Bench(limits: IsolateLimits(memory: 8 << 20), account: account)
    var holds = [script.hold(3 << 20), account.hold(2 << 20)]
    #expect(account.kept == 5 << 20)
    #expect(try bench.run(Self.fill).text?.contains("memory") == true)
    #expect(bench.isolate.memoryUsed < 3 << 20)
    #expect(!account.hasRoom(for: 100_000, beside: bench.isolate.memoryUsed))
    holds.removeFirst()
    #expect(account.kept == 2 << 20)
    #expect(account.hasRoom(for: 100_000, beside: bench.isolate.memoryUsed))
    #expect(try bench.run(Self.fill).text?.contains("memory") == true)
    #expect(bench.isolate.memoryUsed > 5 << 20)
    holds = []
    #expect(account.kept == 0)
  }

  @Test func `a collection makes room for what the host keeps`() throws {
    let account = MemoryAccount(of: script, cap: 8 << 20)
    let bench = try Bench(limits: IsolateLimits(memory: 8 << 20), account: account)
    _ = try bench.run(Self.fill)
    _ = try bench.run("kept = nil")
    #expect(!account.hasRoom(for: 4 << 20, beside: bench.isolate.memoryUsed))
    bench.isolate.collectGarbage()
    #expect(account.hasRoom(for: 4 << 20, beside: bench.isolate.memoryUsed))
  }

  @Test func `several holds end together`() {
    var hold = MemoryHold([script.hold(1_000), .none, script.hold(2_000)])
    #expect(script.kept == 3_000)
    let copy = hold
    hold = .none
    #expect(script.kept == 3_000 && !copy.isNone)
  }

  @Test func `a footprint is that of the decoded value`() {
    let values: [(Value, ClosedRange<Int>)] = [
      (.integer(1), 0...0), (.string("short"), 0...0), (.list([]), 0...100),
      (.string(String(repeating: "x", count: 10_000)), 10_000...10_100),
      (.list(.init(repeating: [:], count: 10_000)), 160_000...400_000),
      (.list((1...10_000).map { .list([.integer($0)]) }), 700_000...1_500_000),
      (
        .table(Dictionary(uniqueKeysWithValues: (1...10_000).map { (.integer($0), true) })),
        500_000...1_000_000
      ),
    ]
    for (index, (value, range)) in values.enumerated() {
      #expect(range.contains(value.footprint), "\(index): \(value.footprint)")
    }
  }
}
