import Glibc
import Layers
import Synchronization
import SystemCalls
import Testing
import WorkerPool

@testable import Moonwheel
@testable import ScriptHost

extension SignalsTests {
  @Suite(.serialized) struct SliceSignalsTests {
    /// The output of a program, and how many turns a sibling had meanwhile.
    private func output(of program: String, slice: Double) async throws -> (
      text: String, turns: Int
    ) {
      var configuration = Configuration()
      configuration.workers = 1
      configuration.slice = .seconds(slice)
      let text = Mutex("")
      let script = """
        local out, tostring, math, table, string = out, tostring, math, table, string
        local function print(...)
          local t = table.pack(...)
          for i = 1, t.n do t[i] = tostring(t[i]) end
          out(table.concat(t, "\\t"))
        end
        on("program", { name = "attack", timeout = "60s" }, function()
        \(program)
        out("")
        end)
        """
      let sibling = "every('1ms', function() turn() end)"
      let turns = Atomic<Int>(0)
      let counts = Atomic<Bool>(false)
      let arena = try Arena(
        [("program.lua", script), ("sibling.lua", sibling)], configuration: configuration,
        hasNeighbour: false
      ) { scheduler, _ in
        try scheduler.register("out") { arguments in
          counts.store(arguments[0].text?.isEmpty == false, ordering: .relaxed)
          text.withLock { $0 += (arguments[0].text ?? "?") + "\n" }
          return .nil
        }
        try scheduler.register("turn") { _ in
          if counts.load(ordering: .relaxed) { turns.add(1, ordering: .relaxed) }
          return .nil
        }
      }
      try arena.scheduler.emit("program")
      let ended = arena.wait(60) { $0.ended["program.lua"] }
      let counted = turns.load(ordering: .relaxed)
      await arena.stop()
      #expect(ended?.outcome == "succeeded", "\(ended?.error ?? "it does not end")")
      return (text.withLock { $0 }, counted)
    }

    @Test(.timeLimit(.minutes(1)))
    func `a timeout that is shorter than the slice ends the run in time`()
      async throws
    {
      var configuration = Configuration()
      configuration.workers = 1
      configuration.slice = .seconds(1)
      let script =
        "on('program', { name = 'attack', timeout = '50ms' }, function() while true do end end)"
      let arena = try Arena(
        [("program.lua", script)], configuration: configuration, hasNeighbour: false)
      let began = Clocks.monotonic()
      try arena.scheduler.emit("program")
      let ended = arena.wait(60) { $0.ended["program.lua"] }
      let took = Clocks.monotonic() - began
      await arena.stop()
      #expect(ended?.outcome == "timed_out", "\(ended?.error ?? "it does not end")")
      #expect(took < 700_000_000, "\(took) ns")
    }

    @Test(.timeLimit(.minutes(2)), arguments: LongProgram.all)
    func `the output of a program does not depend on its slices`(_ program: LongProgram)
      async throws
    {
      let sliced = try await output(of: program.source, slice: 0.0001)
      let whole = try await output(of: program.source, slice: 10)
      #expect(!whole.text.isEmpty)
      #expect(sliced.text == whole.text)
      #expect(sliced.turns > 10, "it was hardly sliced")
      #expect(whole.turns == 0, "it was sliced")
    }

    /// poll and nanosleep end with EINTR after any signal handler, SA_RESTART or not.
    @Test(.timeLimit(.minutes(1)))
    func `only workers are signalled and never in a host function`() async throws {
      var configuration = Configuration()
      configuration.workers = 2
      configuration.slice = .seconds(0.0002)
      let interrupted = Atomic<Int>(0)
      let calls = Atomic<Int>(0)
      let script = """
        local calm, read = calm, read
        on("program", { name = "attack", timeout = "60s" }, function()
          for i = 1, 100 do
            for k = 1, 2e5 do local x = k * i end
            calm()
            if i % 20 == 0 then read() end
          end
        end)
        """
      let arena = try Arena([("a.lua", script), ("b.lua", script)], configuration: configuration) {
        scheduler, _ in
        try scheduler.register("calm") { _ in
          calls.add(1, ordering: .relaxed)
          if !rests(milliseconds: 3) { interrupted.add(1, ordering: .relaxed) }
          return .nil
        }
        try scheduler.register("read") { _ in
          calls.add(1, ordering: .relaxed)
          if !readsLate() { interrupted.add(1, ordering: .relaxed) }
          return .nil
        }
      }
      try arena.scheduler.emit("program")
      var outside = 0
      var rounds = 0
      while arena.wait(0, for: { $0.ended.count == 2 ? true : nil }) == nil, rounds < 5000 {
        if !rests(milliseconds: 5) { outside += 1 }
        rounds += 1
      }
      await arena.stop()
      #expect(calls.load(ordering: .relaxed) == 210)
      #expect(interrupted.load(ordering: .relaxed) == 0, "a worker was signalled in the host")
      #expect(outside == 0, "a thread that is no worker was signalled")
    }
  }
}

/// Sleeps in poll, then in nanosleep; false if a signal ended one.
private func rests(milliseconds: Int32) -> Bool {
  guard poll(nil, 0, milliseconds) == 0 else { return false }
  var time = timespec(tv_sec: 0, tv_nsec: Int(milliseconds) * 200_000)
  return unsafe nanosleep(&time, nil) == 0
}

/// Reads bytes that another thread writes 50 ms later; false if that failed.
private func readsLate() -> Bool {
  var ends: [Int32] = [0, 0]
  guard unsafe pipe(&ends) == 0 else { return false }
  let (source, sink) = (ends[0], ends[1])
  defer { close(source) }
  do {
    _ = try OSThread(name: "writer") {
      _ = poll(nil, 0, 50)
      _ = unsafe write(sink, "x", 1)
      close(sink)
    }
  } catch {
    return false
  }
  var byte: UInt8 = 0
  return unsafe read(source, &byte, 1) == 1
}
