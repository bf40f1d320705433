import Glibc
import Layers
import Moonwheel
import Synchronization
import SystemCalls
import Testing
import WorkerPool

extension SignalsTests {
  /// Runs whose thread had no processor until all their limits had passed.
  @Suite(.serialized) struct StarvedSignalsTests {
    /// How a run ends whose limits have all passed at its start.
    private func outcome(of script: String) throws -> IsolateOutcome {
      let worker = Mutex<LuaWorker?>(nil)
      let ended = Condition<Result<IsolateOutcome, any Error>?>(nil)
      let thread = try OSThread(name: "starved", stackSize: 1 << 20) {
        let result = Result {
          let attached = try LuaWorker(signal: SIGURG)
          defer { attached.detach() }
          let isolate = try Isolate(limits: IsolateLimits(), functions: [], preludes: [])
          let chunk = try isolate.compile(Array(script.utf8), name: "starved.lua")
          let past = Clocks.monotonic() - 1_000_000_000
          var batch = RunBatch(capacity: 1)
          batch.call(chunk, [], TurnLimits(soft: 0, evict: 0))
          worker.withLock { $0 = attached }
          defer { worker.withLock { $0 = nil } }
          let time = BatchTime(now: past, sliceEnd: past)
          return isolate.run(&batch, at: time).outcome ?? .finished(.nil)
        }
        ended.withLock { $0 = result }
        ended.broadcast()
      }
      while ended.wait(until: Clocks.monotonic() + 2_000_000, for: { $0 == nil ? nil : true })
        == nil
      {
        worker.withLock { $0?.requestPreemption(at: Clocks.monotonic()) }
      }
      thread.join()
      return try #require(ended.withLock { $0 }).get()
    }

    @Test(.timeLimit(.minutes(1))) func `a run that can be interrupted is not evicted`() throws {
      guard case .interrupted = try outcome(of: "while true do end") else {
        Issue.record("it was not interrupted")
        return
      }
    }

    @Test(.timeLimit(.minutes(1))) func `a run that cannot be interrupted is evicted then`() throws
    {
      let bomb = "(('a'):rep(40)):find(('a-'):rep(40) .. 'b')"
      guard case .evicted = try outcome(of: bomb) else {
        Issue.record("it was not torn out")
        return
      }
    }
  }
}
