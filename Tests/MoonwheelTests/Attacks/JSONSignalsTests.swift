import Testing

@testable import Moonwheel

extension SignalsTests {
  /// A text of 16 MiB is read and written in slices: a job of another script runs in between, on the only worker.
  @Suite(.serialized) struct JSONSignalsTests {
    static let programs = [
      "local t = '[' .. ('1,'):rep(4e3):rep(1e3) .. '1]' for _ = 1, 3 do assert(json.decode(t)) end",
      "local t = '[' .. ('{\"id\":17,\"tags\":[]},'):rep(2e5) .. '1]' for _ = 1, 2 do assert(json.decode(t)) end",
      "local t = '\"' .. ('\\\\n\\\\u00e9'):rep(2e3):rep(1e3) .. '\"' for _ = 1, 3 do assert(json.decode(t)) end",
      "local t = (' '):rep(16e3):rep(1e3) .. '1' for _ = 1, 10 do assert(json.decode(t)) end",
      "local t = {} for i = 1, 2e5 do t['key' .. i] = i end for _ = 1, 2 do json.encode(t) end",
      "local t = {} for i = 1, 1e6 do t[i] = i / 3 end for _ = 1, 2 do pcall(json.encode, t) end",
      "local t = ('x'):rep(16e3):rep(1e3) for _ = 1, 3 do hash.sha256(t) hash.base64(t) end",
    ]

    @Test(.timeLimit(.minutes(2)), arguments: programs)
    func `a large text delays no neighbour`(program: String) async throws {
      var configuration = Configuration()
      configuration.workers = 1
      configuration.limits.memory = 512 << 20
      let script = """
        on("program", { name = "attack", timeout = "60s" }, function() \(program) end)
        """
      let arena = try Arena([("program.lua", script)], configuration: configuration)
      try arena.scheduler.emit("program")
      let ended = arena.wait(60) { $0.ended["program.lua"] }
      await arena.stop()
      #expect(ended?.outcome == "succeeded", "\(ended?.error ?? "it does not end")")
      arena.checkNeighbour()
    }
  }
}
