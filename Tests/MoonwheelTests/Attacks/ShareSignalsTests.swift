import Layers
import Synchronization
import Testing
import WorkerPool

@testable import Moonwheel
@testable import ScriptHost

extension SignalsTests {
  @Suite(.serialized) struct ShareSignalsTests {
    @Test(.timeLimit(.minutes(1)))
    func `a script with 50 busy jobs gets no more time than one with one`() async throws {
      var configuration = Configuration()
      configuration.workers = 1
      let work = Mutex<[String: Int]>([:])
      // Each run works for about 20 ms, so that all jobs have turns and the script is never idle.
      let job = """
        for i = 1, COUNT do
          every("100ms", { name = "busy" .. i }, function()
            local till = now() + WORK
            while now() < till do
              for k = 1, 2000 do local x = k * k end
              work(NAME)
            end
          end)
        end
        """
      func script(_ name: String, count: Int, work: String) -> (name: String, source: String) {
        let parts = [("COUNT", "\(count)"), ("WORK", work), ("NAME", "'\(name)'")]
        let source = parts.reduce(job) { text, part in
          text.split(separator: part.0, omittingEmptySubsequences: false).joined(separator: part.1)
        }
        return (name: "\(name).lua", source: source)
      }
      let arena = try Arena(
        [script("many", count: 50, work: "0.02"), script("one", count: 1, work: "3")],
        configuration: configuration, hasNeighbour: false
      ) { scheduler, _ in
        try scheduler.register("work") { arguments in
          work.withLock { $0[arguments[0].text ?? "", default: 0] += 1 }
          return .nil
        }
      }
      _ = arena.wait(0.5) { _ -> Bool? in nil }
      let before = work.withLock { $0 }
      _ = arena.wait(2) { _ -> Bool? in nil }
      let after = work.withLock { $0 }
      let many = after["many", default: 0] - before["many", default: 0]
      let one = after["one", default: 0] - before["one", default: 0]
      print("50 busy jobs: \(many), one: \(one), ratio \(Double(many) / Double(max(1, one)))")
      await arena.stop()
      #expect(one > 0)
      #expect((0.7...1.4).contains(Double(many) / Double(max(1, one))))
    }

    @Test func `priority orders the runs of a script that are due at once`() async throws {
      var configuration = Configuration()
      configuration.workers = 1
      let order = Mutex<[Int64]>([])
      let source = """
        for _, p in ipairs { 30, -10, 50, 0, 90 } do
          every("300ms", { name = "e" .. p, priority = p }, function() note(p) end)
        end
        """
      let arena = try Arena(
        [("a.lua", source)], configuration: configuration, hasNeighbour: false
      ) { scheduler, state in
        try scheduler.register("note") { arguments in
          order.withLock { $0.append(arguments[0].integer ?? -1) }
          state.broadcast()
          return .nil
        }
      }
      _ = arena.wait(5) { _ in order.withLock { $0.count >= 5 } ? true : nil }
      await arena.stop()
      let seen = order.withLock { $0 }
      #expect(seen.prefix(5) == [90, 50, 30, 0, -10])
    }
  }
}
