import Layers
import Testing

@testable import Moonwheel
@testable import SchedulerEngine
@testable import ScriptHost
@testable import WorkerPool

/// In which order a script does what it is sent.
@Suite struct MessageOrderTests {
  @Test func `a message that arrives between turns is handled after the rest of the last turn`()
    throws
  {
    let single = try SingleScript("job('j', { run = function() n = (n or 0) + 1 end })")
    let isolate = single.isolate
    // After this the load is over, and the test itself calls the turns.
    single.environment.pool.waitUntilIdle()
    for _ in 1...20 { isolate.mailbox.append(.starts([try single.dispatch("j")])) }
    #expect(isolate.turn(TurnSlice(end: 0)) == .more, "the slice was over before all was done")
    let first = single.reports.withLock { $0.count }
    #expect((1..<20).contains(first))
    isolate.mailbox.append(.starts([try single.dispatch("j")]))
    #expect(isolate.turn(TurnSlice(end: .max)) != .more)
    #expect(single.reports.withLock { $0.count } == 21)
  }
}
