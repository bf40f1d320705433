import Testing
import Triggers

@testable import SchedulerCore

@Suite struct CostTests {
  /// With the wheel's 32 bytes, 16 for its handle, about 63 for its name's entry, and the text of a long name (48), a job
  /// stays far below 600 bytes.
  @Test func `a job takes little memory`() {
    let record = MemoryLayout<JobRecord>.stride
    let place = MemoryLayout<GenerationRecord.Place?>.stride
    print("bytes: JobRecord \(record), Place \(place), Dispatch \(MemoryLayout<Dispatch>.stride)")
    #expect(record <= 216)
    #expect(place <= 16)
    #expect(MemoryLayout<Dispatch>.stride <= 112)
    #expect(MemoryLayout<RunReport>.stride <= 112)
    #expect(MemoryLayout<Input>.stride <= 80)
  }

  @Test func `the effects are emptied as a whole`() throws {
    let harness = CoreHarness()
    harness.durations["a"] = .max
    harness.install([.every("a", second), try .on("b", "x")])
    harness.run(until: 2 * second)
    let effects = harness.effects
    #expect(effects.dispatches.isEmpty && effects.events.isEmpty && effects.subscriptions.isEmpty)
    #expect(effects.dispatches.capacity > 0)
  }
}
