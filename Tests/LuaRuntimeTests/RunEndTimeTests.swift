import Glibc
import LuaRuntime
import MoonwheelModel
import SchedulerCore
import Synchronization
import SystemCalls
import Testing
import Triggers
import WorkerPool

/// What a batch on a worker says of when its runs ended: the worker does not ask the clock after each.
struct RunEndTimeTests {
  /// How the ends of one batch lie to the clock's readings before and after it.
  private struct Seen: Sendable {
    var isOrdered: Bool
    var isAfterStart: Bool
    /// Nanoseconds from the last end to the reading after it.
    var behind: Int64
  }

  private static func look(at bench: Bench) -> Seen {
    var batch = RunBatch()
    for number in 0..<100 {
      batch.start(
        Dispatch(
          generation: GenerationID(rawValue: 1), job: .none, run: Run.ID(rawValue: UInt64(number)),
          handle: JobHandle(index: 0, reuse: 0), attempt: 1, number: 0,
          scheduledAt: Timestamp(nanoseconds: 0), key: .none, isRecorded: false),
        CallbackStart(callback: bench.callbacks[0]))
    }
    let before = Clocks.monotonic()
    let taken = bench.isolate.run(&batch, at: BatchTime(now: before)).taken
    let after = Clocks.monotonic()
    var left = before
    let ends = (0..<taken).map { position in
      left += batch.end(position).used
      return left
    }
    return Seen(
      isOrdered: ends == ends.sorted(), isAfterStart: ends.count == 100 && ends[0] >= before,
      behind: after - (ends.last ?? 0))
  }

  private static func watch(milliseconds: Int64) throws -> [Seen] {
    let worker = try LuaWorker(signal: SIGURG)
    defer { worker.detach() }
    let bench = try Bench()
    _ = try bench.run("keep('f', function() n = (n or 0) + 1 end)")
    var seen: [Seen] = []
    let end = Clocks.monotonic() + milliseconds * 1_000_000
    while Clocks.monotonic() < end { seen.append(look(at: bench)) }
    return seen
  }

  /// Long enough for the worker to have measured how fast its counter goes.
  @Test func `ends are in order, never ahead of the clock, and hardly behind it`() throws {
    let result = Mutex<Result<[Seen], any Error>?>(nil)
    let thread = try OSThread(name: "batches", stackSize: 1 << 20) {
      let seen = Result { try Self.watch(milliseconds: 60) }
      result.withLock { $0 = seen }
    }
    thread.join()
    let seen = try #require(result.withLock { $0 }).get()
    #expect(seen.allSatisfy { $0.isOrdered })
    #expect(seen.allSatisfy { $0.isAfterStart })
    #expect(seen.allSatisfy { $0.behind >= 0 }, "an end was ahead of the clock")
    // The thread may be held up between its last run and the reading; not each time.
    let late = seen.suffix(seen.count / 2).map(\.behind).sorted()
    #expect(late[late.count / 2] < 3_000)
  }
}
