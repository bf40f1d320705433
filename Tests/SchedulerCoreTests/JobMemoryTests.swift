import Testing
import Triggers

@testable import SchedulerCore

@Suite struct JobMemoryTests {
  /// A job also takes 32 bytes in the wheel, 16 for its handle, about 63 for the entry of its name and 48 for the text
  /// of a long name. That is far below 600 bytes in all.
  @Test func `a job takes little memory`() {
    let record = MemoryLayout<JobRecord>.stride
    let handle = MemoryLayout<GenerationRecord.HandleEntry?>.stride
    print(
      "bytes: JobRecord \(record), HandleEntry \(handle), Dispatch \(MemoryLayout<Dispatch>.stride)"
    )
    #expect(record <= 216)
    #expect(handle <= 16)
    #expect(MemoryLayout<Dispatch>.stride <= 112)
    #expect(MemoryLayout<RunEnd>.stride <= 112)
    #expect(MemoryLayout<Input>.stride <= 80)
  }

  @Test func `emptied effects keep their storage`() throws {
    let harness = CoreHarness()
    harness.durations["a"] = .max
    harness.install([.every("a", second), try .on("b", "x")])
    harness.run(until: 2 * second)
    let effects = harness.effects
    #expect(effects.dispatches.isEmpty && effects.events.isEmpty && effects.subscriptions.isEmpty)
    #expect(effects.dispatches.capacity > 0)
  }
}
