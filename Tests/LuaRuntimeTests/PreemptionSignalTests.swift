import Glibc
import LuaRuntime
import MoonwheelModel
import Synchronization
import SystemCalls
import Testing
import WorkerPool

/// Preemption by another signal than `SIGURG`. A process has one, so each test has a process of its own.
@Suite struct PreemptionSignalTests {
  /// Runs an endless loop on a thread of the host, past its slice; the process ends well if it is preempted.
  private static func preempt(by signal: Int32) throws {
    alarm(30)
    let worker = Mutex<LuaWorker?>(nil)
    let ended = Condition<Bool?>(nil)
    let thread = try OSThread(name: "worker", stackSize: 1 << 20) {
      let isPreempted = Result {
        let attached = try LuaWorker(signal: signal)
        defer { attached.detach() }
        let isolate = try Isolate(limits: IsolateLimits(), functions: [], preludes: [])
        let chunk = try isolate.compile(Array("while true do end".utf8), name: "loop.lua")
        worker.withLock { $0 = attached }
        defer { worker.withLock { $0 = nil } }
        for _ in 0..<20 {
          var batch = RunBatch(capacity: 1)
          batch.call(chunk, [], TurnLimits())
          let past = Clocks.monotonic() - 1_000_000
          guard
            case .preempted(let coroutine, _)? = isolate.run(
              &batch, at: BatchTime(now: past, sliceEnd: past)
            ).outcome
          else { return false }
          isolate.drop(coroutine)
        }
        return true
      }
      ended.withLock { $0 = (try? isPreempted.get()) == true }
      ended.broadcast()
    }
    while ended.wait(until: Clocks.monotonic() + 1_000_000, for: { $0 == nil ? nil : true }) == nil
    {
      worker.withLock { $0?.requestPreemption(at: Clocks.monotonic()) }
    }
    thread.join()
    exit(ended.withLock { $0 } == true ? 0 : 1)
  }

  @Test func `SIGUSR2 preempts`() async {
    await #expect(processExitsWith: .success) { try Self.preempt(by: SIGUSR2) }
  }

  @Test func `other signals and real-time ones preempt`() async {
    await #expect(processExitsWith: .success) { try Self.preempt(by: SIGVTALRM) }
    await #expect(processExitsWith: .success) { try Self.preempt(by: 40) }
  }

  @Test func `signals that cannot be handled are refused, and another may be tried`() async {
    await #expect(processExitsWith: .success) {
      for signal in [0, -1, 1000, SIGKILL, SIGSTOP, SIGSEGV, SIGBUS, SIGABRT] {
        do {
          try LuaWorker.prepare(signal: signal)
          exit(1)
        } catch let error as IsolateError {
          guard error.message.contains("scripts cannot be preempted with the signal \(signal)")
          else {
            exit(2)
          }
        }
      }
      try LuaWorker.prepare(signal: SIGUSR2)
      exit(0)
    }
  }
}
