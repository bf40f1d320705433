import Layers
import MoonwheelTesting
import SystemCalls
import TestSupport
import Testing
import WorkerPool

@testable import Moonwheel
@testable import SchedulerEngine
@testable import ScriptHost

/// Reloads with real files and a real watcher. Jobs fire on a manual clock.
@Suite struct ReloadTests {
  static func tick(_ text: String, every period: String = "10s") -> String {
    "every('\(period)', { name = 'tick' }, function() print('\(text)') end)\n"
  }

  @Test func `a save is live within a second`() async throws {
    func text(_ version: Int) -> String {
      "every('50ms', { name = 'tick' }, function() emit('told', \(version)) end)"
    }
    try await withFolder(["a.lua": text(0)], onManualClock: false) { served in
      var best = Int64.max
      for version in 1...3 {
        let saved = Clocks.monotonic()
        try served.write("a.lua", text(version))
        #expect(served.told.wait { $0.contains { $0.payload == .integer(Int64(version)) } })
        best = min(best, Clocks.monotonic() - saved)
      }
      #expect(best < 1_000_000_000)
    }
  }

  /// There are so many events that workers take most of them from a lease, without the core.
  @Test func `events are handled once and in order while their handler is saved`() async throws {
    func handler(_ version: Int) -> String {
      """
      on('x', { name = 'handler' }, function(event)
        emit('told', { n = event.payload, version = \(version) })
      end)
      """
    }
    let count = 3_000
    let sender = """
      on('go', function()
        for n = 1, \(count) do
          while not emit('x', n) do sleep('1ms') end
          if n % 10 == 0 then sleep('1ms') end
        end
      end)
      """
    try await withFolder(
      ["a.lua": sender, "b.lua": handler(0)], onManualClock: false
    ) { served in
      try served.scheduler.emit("go")
      for version in 1...3 {
        #expect(served.told.wait { $0.count >= version * count / 5 })
        try served.write("b.lua", handler(version))
        #expect(served.scripts.wait { $0.count >= version })
      }
      #expect(served.told.wait { $0.count >= count })
      let told = served.told.events.map(\.payload)
      let numbers = told.compactMap { $0["n"]?.int }
      #expect(numbers.count == count)
      #expect(zip(numbers, 1...).first { $0 != $1 } == nil, "the first that is not as sent")
      let versions = told.compactMap { $0["version"]?.int }
      #expect(versions == versions.sorted())
    }
  }

  @Test func `an unchanged job keeps its phase, its count and its pause`() async throws {
    let jobs = """
      local mark = '%'
      every('10s', { name = 'tick' }, function(run) print(mark, run.n, run.scheduled_at - 1767225600) end)
      every('7s', { name = 'paused' }, function() print('never') end)
      """
    try await withFolder([
      "a.lua": jobs + "\nafter('1s', { name = 'once' }, function() jobs.paused:pause() end)"
    ]) { served in
      served.advance(by: 14)
      #expect(served.said() == ["%\t1\t10.0"])
      try served.write("a.lua", jobs.replacing("%", with: "new"))
      served.expect("reloaded a.lua")
      served.advance(by: 16)
      #expect(served.said() == ["new\t2\t20.0", "new\t3\t30.0"])
    }
  }

  @Test func `a changed trigger starts a new phase`() async throws {
    try await withFolder(["a.lua": Self.tick("old")]) { served in
      served.advance(by: 14)
      try served.write("a.lua", Self.tick("new", every: "3s"))
      served.expect("reloaded a.lua")
      served.advance(by: 6)
      #expect(served.said() == ["old", "new", "new"])
    }
  }

  @Test func `a job that the text no longer has is gone`() async throws {
    let other = "every('10s', { name = 'other' }, function() print('other') end)\n"
    try await withFolder(["a.lua": Self.tick("tick") + other]) { served in
      served.advance(by: 10)
      try served.write("a.lua", other)
      served.expect("reloaded a.lua")
      served.advance(by: 10)
      #expect(served.said() == ["tick", "other", "other"])
    }
  }

  @Test func `runs in flight end on the old text`() async throws {
    func text(_ version: String) -> String {
      """
      local version = '\(version)'
      every('10s', { name = 'slow', overlap = 'allow' }, function() sleep('15s') print(version) end)
      on('go', { name = 'handler' }, function() print(version, wait('done', '1h').payload) end)
      every('1h', { name = 'go' }, function() end)
      """
    }
    try await withFolder(["a.lua": text("old")]) { served in
      try served.scheduler.emit("go")
      served.advance(by: 12)
      try served.write("a.lua", text("new"))
      served.expect("reloaded a.lua")
      served.expectIsolates(2)
      try served.scheduler.emit("done", 5)
      served.advance(by: 13)
      #expect(served.said() == ["old\t5", "old"])
      served.expectIsolates(1)
      served.advance(by: 10)
      #expect(served.said() == ["new"])
    }
  }

  @Test func `a wait that times out lets the old Lua state go`() async throws {
    let text = "after('1s', { name = 'w' }, function() wait('never', '5s') end)\n"
    try await withFolder(["a.lua": text]) { served in
      served.advance(by: 2)
      try served.write("a.lua", text + "--")
      served.expect("reloaded a.lua")
      served.expectIsolates(2)
      served.advance(by: 10)
      served.expectIsolates(1)
      #expect(served.scheduler.environment.bus.waiterCount == 0)
    }
  }

  @Test func `a handler whose pattern changes gets events of the new pattern`() async throws {
    func text(_ pattern: String) -> String {
      "on('\(pattern)', { name = 'h' }, function(e) print(e.name) end)"
    }
    try await withFolder(["a.lua": text("old")]) { served in
      try served.write("a.lua", text("new"))
      served.expect("reloaded a.lua")
      try served.scheduler.emit("old")
      try served.scheduler.emit("new")
      served.scheduler.waitUntilIdle()
      #expect(served.said() == ["new"])
    }
  }

  @Test func `a job that a callback registered ends with its generation`() async throws {
    let text =
      "after('1s', { name = 'start' }, function() every('1s', function() print('inner') end) end)\n"
    try await withFolder(["a.lua": text]) { served in
      served.advance(by: 3)
      #expect(served.said() == ["inner", "inner"])
      try served.write("a.lua", text + "--")
      served.expect("reloaded a.lua")
      served.advance(by: 5)
      #expect(served.said() == [])
    }
  }

  @Test func `promised runs of a job that is removed and restored are kept`() async throws {
    let go = "on('go', { name = 'go' }, function() for i = 1, 3 do jobs.slow:trigger(i) end end)\n"
    let slow = "job('slow', { run = function(run) print(run.args) sleep(10) end })\n"
    try await withFolder(["a.lua": go + slow]) { served in
      try served.scheduler.emit("go")
      served.advance(by: 1)
      try served.write("a.lua", go)
      served.expect("reloaded a.lua")
      served.advance(by: 100)
      #expect(served.said() == ["1"])
      served.folder.remove("a.lua")
      served.expect("unloaded a.lua")
      try served.write("a.lua", go + slow)
      served.expect("loaded a.lua")
      served.advance(by: 100)
      #expect(served.said() == ["2", "3"])
    }
  }

  @Test func `jobs follow a file that is replaced, deleted, restored and renamed`()
    async throws
  {
    try await withFolder(["a.lua": Self.tick("a"), "b.lua": Self.tick("b")]) { served in
      try served.write(".a.lua.tmp", Self.tick("replaced"))
      try served.folder.move(".a.lua.tmp", "a.lua")
      served.expect("reloaded a.lua")
      served.advance(by: 10)
      #expect(served.said().sorted() == ["b", "replaced"])
      served.folder.remove("a.lua")
      served.expect("unloaded a.lua")
      served.advance(by: 10)
      #expect(served.said() == ["b"])
      try served.write("a.lua", Self.tick("restored"))
      served.expect("loaded a.lua")
      served.advance(by: 10)
      #expect(served.said().sorted() == ["b", "restored"])
      try served.folder.move("a.lua", "c.lua")
      served.expect("loaded c.lua", "unloaded a.lua")
      served.advance(by: 10)
      #expect(served.said().sorted() == ["b", "restored"])
      #expect(served.scheduler.scriptCount == 2)
      served.expectIsolates(2)
    }
  }

  @Test func `scripts in a new folder are loaded, modules and tests are not`() async throws {
    try await withFolder(["a.lua": ""]) { served in
      try served.write("new/deep/b.lua", Self.tick("b"))
      try served.write("new/b_test.lua", "error('no script')")
      try served.write("new/lib/m.lua", "error('no script')")
      served.expect("loaded new/deep/b.lua")
      served.advance(by: 10)
      #expect(served.said() == ["b"])
    }
  }

  @Test(arguments: [
    Broken("every('1s', function() end", "a.lua:1: ')' expected near <eof>"),
    Broken("local x = nil\nx.y = 1", "a.lua:2: attempt to index a nil value (local 'x')"),
    Broken(
      "every('1s', { name = 'x' }, print)\nevery('2s', { name = 'x' }, print)",
      "a.lua:2: the name \"x\" is taken by the job at a.lua:1; give one of them another name"),
    Broken("require('one')", "a.lua:1: a cycle of require: one -> two -> one"),
    Broken("require('bad')", "lib/bad.lua:2: unexpected symbol near '='"),
    Broken(
      "emit('x')",
      "a.lua:1: emit cannot be used while the script loads: loading only registers jobs; use it in a callback"
    ),
    Broken(
      "local t = {} while true do t[#t + 1] = ('x'):rep(1e6) .. #t end",
      "not enough memory (the script is at its memory limit: does it keep too much, or call itself without end?)"
    ),
  ])
  func `a broken edit keeps the old jobs and is logged once`(broken: Broken) async throws {
    try await withFolder([
      "a.lua": Self.tick("good"), "b.lua": Self.tick("b"),
      "lib/one.lua": "return require('two')", "lib/two.lua": "\nreturn require('one')",
      "lib/bad.lua": "\nx = = 1",
    ]) { served in
      served.advance(by: 14)
      try served.write("a.lua", broken.text)
      served.expect("failed a.lua")
      served.advance(by: 16)
      let failures = served.log.lines.filter { $0.event == "script.failed" }
      #expect(failures.count == 1)
      #expect(failures.first?.level == .error && failures.first?.script == "a.lua")
      let lines = failures.first?.message.split(separator: "\n") ?? []
      #expect(lines.first.map(String.init) == broken.message)
      #expect(lines.last == "The jobs of the last good version go on.")
      #expect(served.said().sorted() == ["b", "b", "b", "good", "good", "good"])
      served.expectIsolates(2)
      try served.write("a.lua", Self.tick("mended"))
      served.expect("reloaded a.lua")
      served.advance(by: 10)
      #expect(served.said().sorted() == ["b", "mended"])
    }
  }

  @Test func `a script that did not load is loaded when it changes`() async throws {
    try await withFolder(["a.lua": "x = = 1", "b.lua": Self.tick("b")]) { served in
      #expect(served.scheduler.scriptCount == 1)
      try served.write("a.lua", Self.tick("a"))
      served.expect("loaded a.lua")
      served.advance(by: 10)
      #expect(served.said().sorted() == ["a", "b"])
    }
  }

  @Test func `a file that is written with the same text is not reloaded`() async throws {
    try await withFolder(["a.lua": Self.tick("a"), "b.lua": "one"]) { served in
      try served.write("a.lua", Self.tick("a"))
      try served.write("b.lua", "x = = 2")
      served.expect("failed b.lua")
    }
  }

  @Test(arguments: [true, false])
  func `a call reloads every script, and finds new and lost ones`(watches: Bool) async throws {
    try await withFolder(
      [
        "a.lua": Self.tick("a"), "sub/b.lua": "print(require('m'))", "lib/m.lua": "return 'm'",
        "c.lua": "",
      ],
      watches: watches
    ) { served in
      served.scheduler.beginReload()
      served.expect("reloaded a.lua", "reloaded sub/b.lua", "reloaded c.lua")
      if watches { return }
      try served.write("new.lua", Self.tick("new"))
      served.folder.remove("c.lua")
      served.scheduler.beginReload()
      served.expect("reloaded a.lua", "reloaded sub/b.lua", "loaded new.lua", "unloaded c.lua")
      #expect(served.said() == ["m", "m", "m"])
    }
  }

  @Test func `a script given as text is not read from a file of that name`() async throws {
    try await withHost(["Package.swift": "every('1h', function() end)"]) { host in
      host.scheduler.beginReload()
      host.scheduler.waitUntilIdle()
      #expect(host.log.messages(of: "script.failed") == [])
      #expect(host.log.messages(of: "script.loaded") == ["loaded, 1 job"])
    }
  }

  @Test func `two scripts of one name are refused`() async throws {
    let folder = try TemporaryFolder()
    try ServedFolder.write("x/a.lua", "", in: folder)
    try ServedFolder.write("y/b.lua", "", in: folder)
    var configuration = Configuration(paths: [folder.path("x"), folder.path("y")])
    let log = LogRecorder()
    let scheduler = try Scheduler(configuration, logger: log.logger)
    let events = try EventRecorder("script.*", of: scheduler)
    try scheduler.start()
    scheduler.waitUntilLoaded()
    try folder.write("y/a.lua", "")
    try folder.write("y/c.lua", "")
    #expect(events.wait { $0.contains { $0.payload["script"] == "c.lua" } })
    await scheduler.stop()
    let clash =
      "\(folder.path)/x/a.lua and \(folder.path)/y/a.lua have the same name \"a.lua\"; give the folder above them instead, or rename one"
    #expect(log.messages(of: "script.failed") == [clash])
    configuration.watches = false
    let error = #expect(throws: ScriptError.self) { try Inspection(configuration) }
    #expect(error?.message == clash)
  }
}

/// A text that does not load, and the first line of the error.
struct Broken: CustomTestStringConvertible, Sendable {
  let text: String
  let message: String

  init(_ text: String, _ message: String) {
    self.text = text
    self.message = message
  }

  var testDescription: String { text }
}
