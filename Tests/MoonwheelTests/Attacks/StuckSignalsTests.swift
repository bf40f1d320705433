import Layers
import SystemCalls
import Testing
import WorkerPool

@testable import Moonwheel
@testable import ScriptHost

extension SignalsTests {
  /// Callbacks without a limit that never yield, two at once on a pool of two workers.
  @Suite(.serialized) struct StuckSignalsTests {
    struct Kind: Sendable, CustomTestStringConvertible {
      var testDescription: String
      /// The body of a callback that never ends.
      var body: String
      /// Whether the host must end it, since it cannot preempt it.
      var isEnded = true

      init(_ name: String, isEnded: Bool = true, _ body: String) {
        testDescription = name
        self.isEnded = isEnded
        self.body = body
      }
    }

    static let kinds: [Kind] = [
      Kind("one function of C", "string.rep('', 1 << 60)"),
      Kind("a pattern", "return (('a'):rep(40)):find(('a-'):rep(40) .. 'b')"),
      Kind("in pcall", "while true do pcall(string.rep, '', 1 << 60) end"),
      Kind(
        "Lua in a comparator",
        "table.sort({ 3, 2, 1 }, function(a, b) while true do end end)"),
      Kind(
        "functions of C in a comparator",
        "local t = {} for i = 1, 1e6 do t[i] = i end table.sort(t, function(a, b) string.rep('', 1e7) return a > b end)"
      ),
      Kind(
        "functions of the host in a callback of gsub",
        "(('x'):rep(1e7)):gsub('x', function() emit('nobody.hears') end)"),
      Kind(
        "a compilation",
        """
        local parts = { 'local function f() local x ' }
        for i = 0, 29999 do parts[#parts + 1] = '::l' .. i .. ':: x=1 ' end
        parts[#parts + 1] = 'end '
        load(table.concat(parts):rep(6))
        while true do load(table.concat(parts):rep(6)) end
        """),
      Kind(
        "coroutines of a function of C", isEnded: false,
        "while true do coroutine.wrap(string.rep)('', 1e8) end"),
      Kind(
        "functions of libc", isEnded: false,
        "local f = ('%c'):rep(2048) while true do os.date(f) end"),
    ]

    private static func script(_ kind: Kind) -> String {
      """
      local string, table, load, coroutine, os = string, table, load, coroutine, os
      every("100ms", { name = "attack", now = true, timeout = false }, function() \(kind.body) end)
      """
    }

    private func configuration() -> Configuration {
      var configuration = Configuration()
      configuration.workers = 2
      configuration.limits.stall = .milliseconds(300)
      configuration.limits.stallInLua = .milliseconds(600)
      configuration.evictionsBeforePause = .max
      configuration.shutdownTimeout = .seconds(0.2)
      return configuration
    }

    @Test(.timeLimit(.minutes(2)), arguments: kinds)
    func `two endless callbacks delay no other script and no stop`(_ kind: Kind) async throws {
      try await check([kind, kind])
    }

    private static let pairs = stride(from: 0, to: kinds.count, by: 2).map {
      (kinds[$0], kinds[($0 + 3) % kinds.count])
    }

    @Test(.timeLimit(.minutes(2)), arguments: pairs)
    func `two endless callbacks of different kinds delay no other script and no stop`(
      _ first: Kind, _ second: Kind
    ) async throws {
      try await check([first, second])
    }

    private func check(_ kinds: [Kind]) async throws {
      let scripts = kinds.enumerated().map { (name: "\($0).lua", source: Self.script($1)) }
      let arena = try Arena(scripts, configuration: configuration())
      _ = arena.wait(0.9) { _ -> Bool? in nil }
      for (number, kind) in kinds.enumerated() where kind.isEnded {
        let ended = arena.wait(10) { $0.ended["\(number).lua"] }
        #expect(ended != nil, "\(kind.testDescription) was not ended")
        #expect(
          ended?.error.contains("could not be preempted") != false, "\(ended?.error ?? "")")
      }
      let begun = Clocks.monotonic()
      await arena.stop()
      let took = Clocks.monotonic() - begun
      #expect(took < 1_200_000_000 + Arena.allowance, "the stop took \(took / 1_000_000) ms")
      arena.checkNeighbour()
    }

    /// The stall limits are out of reach: only a cancellation can end the run.
    private func patient() -> Configuration {
      var configuration = configuration()
      configuration.limits.stall = .seconds(600)
      configuration.limits.stallInLua = .seconds(600)
      return configuration
    }

    @Test(.timeLimit(.minutes(2)), arguments: kinds)
    func `a later fire replaces a stuck run`(_ kind: Kind) async throws {
      let script = """
        local string, table, load, coroutine, os = string, table, load, coroutine, os
        every("200ms", { name = "attack", now = true, timeout = false, overlap = "replace" }, function() \(kind.body) end)
        """
      let arena = try Arena([("0.lua", script)], configuration: patient())
      let ended = arena.wait(5) { $0.ended["0.lua"] }
      #expect(ended?.error.contains("job was cancelled") == true, "\(String(describing: ended))")
      await arena.stop()
      arena.checkNeighbour()
    }

    @Test(.timeLimit(.minutes(2)), arguments: kinds)
    func `a stop ends a stuck run`(_ kind: Kind) async throws {
      let arena = try Arena([("0.lua", Self.script(kind))], configuration: patient())
      _ = arena.wait(0.3) { _ -> Bool? in nil }
      let begun = Clocks.monotonic()
      await arena.stop()
      let took = Clocks.monotonic() - begun
      #expect(took < 1_200_000_000 + Arena.allowance, "the stop took \(took / 1_000_000) ms")
      let ended = arena.state.withLock { $0.ended["0.lua"] }
      #expect(ended?.error.contains("the host stops") == true, "\(String(describing: ended))")
    }

    /// The cancelled job waits while a sibling is stuck.
    @Test(.timeLimit(.minutes(2)))
    func `a cancellation does not hit a stuck sibling`() async throws {
      let script = """
        local waits = every("300ms", { name = "waits", now = true, overlap = "replace" }, function() sleep("1h") end)
        after("100ms", { name = "sibling" }, function()
          local t = {}
          for i = 1, 100 do t[i] = i end
          table.sort(t, function(a, b) string.rep("", 2e5) return a < b end)
          alive(1)
        end)
        """
      let arena = try Arena([("0.lua", script)], configuration: patient())
      #expect(arena.wait(10) { $0.alive.contains(1) ? true : nil } == true)
      await arena.stop()
      let events = arena.state.withLock { $0.events }
      #expect(!events.contains { $0.payload["job"]?.text == "sibling" }, "\(events)")
    }

    @Test(.timeLimit(.minutes(2)))
    func `two scripts that compile for long delay no other script`() async throws {
      let labels = (0..<32_000).map { "::l\($0):: x=1" }.joined(separator: " ")
      let text = String(
        repeating: "do local function f() local x \(labels) end end ", count: 8)
      var configuration = configuration()
      configuration.loadLimit = .seconds(0.3)
      let arena = try Arena(
        [("0.lua", text), ("1.lua", text)], configuration: configuration)
      for script in ["0.lua", "1.lua"] {
        let failed = arena.wait(20) { state in
          state.events.first {
            $0.name == "script.failed" && $0.payload["script"]?.text == script
          }
        }
        #expect(failed?.payload["error"]?.text?.contains("processor time") == true)
      }
      _ = arena.wait(0.5) { _ -> Bool? in nil }
      await arena.stop()
      arena.checkNeighbour()
    }
  }
}
