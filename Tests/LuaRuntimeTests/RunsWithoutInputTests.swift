import LuaRuntime
import MoonwheelModel
import SchedulerCore
import SystemCalls
import Testing
import Triggers
import WorkerPool

/// Runs that are given nothing, started one after the other.
struct RunsWithoutInputTests {
  /// What a batch did: when each run left Lua that ended silently, and the outcome of the run after those.
  private struct Outcome {
    var began: Int64
    var ends: [Int64]
    var next: IsolateOutcome?
  }

  /// Registers functions, from the body of each, and starts a run of each in a batch.
  private func start(
    _ bodies: [String], in bench: Bench, sliceEnd: Int64 = .max
  ) throws -> Outcome {
    _ = try bench.run(bodies.map { "keep('f', \($0))" }.joined(separator: " "))
    var batch = RunBatch()
    for (number, callback) in bench.callbacks.suffix(bodies.count).enumerated() {
      batch.start(dispatch(number + 1), CallbackStart(callback: callback))
    }
    let time = BatchTime(now: Clocks.monotonic(), sliceEnd: sliceEnd, wall: 2_500_000_000)
    let (taken, outcome) = bench.isolate.run(&batch, at: time)
    var left = time.now
    let ends = (0..<(outcome == nil ? taken : taken - 1)).map { position in
      left += batch.end(position).used
      return left
    }
    return Outcome(began: time.now, ends: ends, next: outcome)
  }

  private func dispatch(_ number: Int) -> Dispatch {
    Dispatch(
      generation: GenerationID(rawValue: 1), job: .none, run: Run.ID(rawValue: UInt64(number)),
      handle: JobHandle(index: UInt32(number), reuse: 0), attempt: 1, number: Int64(number),
      scheduledAt: Timestamp(nanoseconds: Int64(number) * 1_500_000_000), key: .none,
      isRecorded: false)
  }

  private static let counts = "function() n = (n or 0) + 1 end"

  @Test func `runs end one after the other`() throws {
    let bench = try Bench()
    let before = Clocks.monotonic()
    let end = try start(Array(repeating: Self.counts, count: 100), in: bench)
    let (ends, next) = (end.ends, end.next)
    #expect(next == nil)
    #expect(ends.count == 100 && ends == ends.sorted())
    #expect(ends[0] >= before && ends[99] <= Clocks.monotonic())
    #expect(try bench.run("return n") == 100)
  }

  @Test func `a callback that takes its run gets it, each its own`() throws {
    let bench = try Bench()
    let takes =
      "function(run) seen = (seen or '') .. run.id:sub(-1) .. run.n .. ' ' at = run.scheduled_at end"
    let end = try start([takes, Self.counts, takes], in: bench)
    #expect(end.ends.count == 3 && end.next == nil)
    #expect(try bench.run("return seen") == "11 33 ")
    #expect(try bench.run("return at") == 4.5)
  }

  @Test func `a function that takes any number of arguments gets the run`() throws {
    let bench = try Bench()
    let end = try start(["function(...) count = select('#', ...) end"], in: bench)
    #expect(end.ends.count == 1)
    #expect(try bench.run("return count") == 1)
  }

  @Test(arguments: [
    ("function() return 5 end", "finished(integer(5))"),
    ("function() return false end", "finished(bool(false))"),
    ("function() take(1) end", "finished(nil)"),
    ("function() sleep('1s') end", "parked(1)"),
    ("function() error('no', 0) end", "failed(no)"),
    (
      "function() local t = nil; t.x = 1 end",
      "failed(script.lua:1: attempt to index a nil value (local 't'))"
    ),
  ])
  func `a run that does more than to end is told, and ends the batch`(
    body: String, outcome: String
  ) throws {
    let bench = try Bench()
    let end = try start([Self.counts, Self.counts, body, Self.counts], in: bench)
    #expect(end.ends.count == 2)
    #expect(try bench.run("return n") == 2)
    switch end.next {
    case .finished(let value): #expect("finished(\(value))" == outcome)
    case .parked(let coroutine, _): #expect("parked(\(coroutine))" == outcome)
    case .failed(let failure): #expect("failed(\(failure.message))" == outcome)
    default: Issue.record("\(String(describing: end.next))")
    }
  }

  @Test func `a host function is told which run calls it and since when`() throws {
    let bench = try Bench()
    let end = try start([Self.counts, "function() take(1) end"], in: bench)
    #expect(bench.positions.map(\.position) == [1])
    #expect(bench.positions.map(\.passed) == [end.ends[0] - end.began])
  }

  @Test func `the batch ends with the slice`() throws {
    let bench = try Bench()
    let end = try start(
      Array(repeating: Self.counts, count: 10), in: bench, sliceEnd: Clocks.monotonic())
    #expect(end.ends.count == 1 && end.next == nil)
  }

  @Test func `a released callback's place may be another function's that takes its run`() throws {
    let bench = try Bench()
    _ = try start([Self.counts, Self.counts], in: bench)
    let former = bench.callbacks
    for callback in former { bench.isolate.release(callback) }
    let takes = "function(run) taken = (taken or '') .. run.n end"
    _ = try start(Array(repeating: takes, count: 4), in: bench)
    #expect(!Set(former).isDisjoint(with: bench.callbacks.suffix(4)), "no place was used again")
    #expect(try bench.run("return taken") == "1234")
  }
}
