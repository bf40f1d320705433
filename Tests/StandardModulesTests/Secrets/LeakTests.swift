import Layers
import Logging
import Moonwheel
import MoonwheelTesting
import SQLiteJobStore
import SystemCalls
import TestSupport
import Testing

@testable import ScriptHost

/// A secret is in nothing that the host logs, stores or tells. Each way out of a script has a row, and a new one needs one.
@Suite(.timeLimit(.minutes(2))) struct LeakTests {
  private static let value = "s3cr3t/value of \"this\" host"
  /// None of these may come out. The second and third are what base64 has of it, alone and behind `user:`.
  private static let forms = [
    "s3cr3t/value", "czNjcjN0L3ZhbH", "dXNlcjpzM2NyM3Q", "s3cr3t%2Fvalue", "s3cr3t\\/value",
    "value of ",
  ]

  /// Each is a job that leaks in its own way; `s` is the secret.
  private static let ways: KeyValuePairs<String, String> = [
    "printed": "print(s) print({ s }, { [s] = { s } }) io.write(s)",
    "logged":
      "log.info('%s', s) log.warn('x', { token = s, [s] = 1, deep = { { s } } }) log.error(s)",
    "encoded": "print(hash.base64(s), hash.base64('user:' .. s), json.encode({ s }))",
    "cut": "print(('x'):rep(4090) .. s) print({ ('x'):rep(190) .. s })",
    "raised": "error('with ' .. s)",
    "raised as a table": "error({ token = s, [s] = s })",
    "raised deeply": "local function f(x) error(s, 0) end coroutine.wrap(f)(s)",
    "returned": "return { token = s, [s] = true }",
    "retried": "error('again ' .. s)",
    "progress": "run:progress(0.5, s)",
    "emitted": "emit('heard', { token = s, list = { s } })",
    "promised": "jobs.later:after('1h', { token = s, [s] = s })",
    "paused": "jobs.later:pause('for ' .. s)",
    "cancelled": "jobs.doomed:cancel('for ' .. s)",
    "denied": "print(select(2, fs.read('/nowhere/' .. s)))",
    "wrong call": "every(s, print)",
    "wrong option": "every('1s', { [s] = s }, print)",
    "wrong event": "emit('a ' .. s)",
    "wrong module": "require(s)",
    "program": "sh('echo $X; echo $X >&2; exit 3', { env = { X = s } })",
    "program that fails": "assert(sh('echo $X >&2; exit 3', { env = { X = s } }))",
    "words of a program": "sh { 'echo', s } sh { s }",
    "hook": "error('x')",
    "kept for after a restart": "error('x')",
    "too long": "while true do sleep('10s') end",
  ]

  private static let ends = ["run.succeeded", "run.given_up", "run.failed"]

  private static let options = [
    "retried": "retry = { max = 2, from = '10ms' }",
    "hook": "on_failure = function() error('in the hook: ' .. s) end",
    "kept for after a restart": "retry = { max = 2, from = '1h' }",
    "too long": "timeout = '10ms'",
    "progress": "args = { s }",
  ]

  private static var script: String {
    let jobs = ways.map { name, body in
      let options = options[name].map { ", " + $0 } ?? ""
      return "on('go', { name = '\(name)', history = 5\(options) }, function(run) \(body) end)"
    }
    return """
      permissions { secret = { "*" }, run = { "sh", "echo" } }
      local s = secret("S")
      print("at load " .. s)
      on("never", { name = "later" }, print)
      on("never", { name = "doomed" }, print)
      on("heard", { name = "hears" }, function(event)
        print("got", event.payload.token == s, event.payload)
        error(event.payload)
      end)
      \(jobs.joined(separator: "\n"))
      """
  }

  /// What the host has told, in all ways.
  private struct Told {
    var texts: [String] = []
    var leaks: [String] {
      texts.filter { text in LeakTests.forms.contains { text.contains($0) } }
    }
  }

  @Test func `it comes out in no way`() async throws {
    let folder = try TemporaryFolder()
    let log = LogRecorder()
    var configuration = Configuration()
    configuration.permissions = .asked
    configuration.logEvents = "**"
    configuration.secrets = { _ in Self.value }
    configuration.texts = [
      (name: "a.lua", source: Self.script),
      (
        name: "fails.lua",
        source: "permissions { secret = { '*' } }\nerror('no load with ' .. secret('S'))"
      ),
    ]
    let path = folder.path("store.db")
    let host = try Scheduler(configuration, store: .sqlite(path), logger: log.logger)
    let events = try host.events("run.* | job.* | script.* | scheduler.*")
    try host.start()
    host.waitUntilLoaded()
    try host.emit("go", ["token": .string(Self.value), Self.value: 1])
    let wanted = Set(Self.ways.map(\.key) + ["hears"])
    let left: @Sendable ([LogRecorder.Line]) -> Set<String> = { lines in
      wanted.subtracting(
        lines.filter { Self.ends.contains($0.event ?? "") }.compactMap(\.job))
    }
    let hasEnded = try await inThread {
      log.wait(seconds: 30) { lines in
        left(lines).isEmpty
          || lines.contains { $0.event == "script.failed" && $0.script == "a.lua" }
      }
    }
    #expect(hasEnded, "\(left(log.lines))")
    #expect(
      log.messages(of: "script.failed").map { $0.prefix { $0 != "\n" } } == [
        "fails.lua:2: no load with ***"
      ])
    host.logState()
    var told = Told()
    for job in try await host.jobs {
      told.texts.append("\(job)")
      for run in try await job.runs() { told.texts.append("\(run)") }
    }
    await host.stop()
    for try await event in events { told.texts.append("\(event.name) \(event.payload)") }
    for line in log.lines { told.texts += [line.message, "\(line.metadata)"] }
    for name in try folder.names where name.hasPrefix("store.db") {
      let bytes = try RegularFile.read(folder.path(name), atMost: 1 << 30)
      told.texts.append(String(decoding: bytes.map { $0 < 128 ? $0 : 0 }, as: UTF8.self))
    }
    #expect(told.texts.count > 300)
    #expect(told.leaks.isEmpty, "\(told.leaks.map { $0.prefix(300) })")
    #expect(log.lines.contains { $0.message == "at load ***" })
    // The script itself had it, and who handles an event, too.
    #expect(log.said.contains { $0.hasPrefix("got\ttrue") })
  }

  @Test func `exec shows no secret`() async throws {
    var configuration = Configuration()
    configuration.permissions = .asked
    configuration.secrets = { _ in Self.value }
    configuration.texts = [
      (
        name: "a.lua",
        source:
          "permissions { secret = { '*' } }\njob('good', { run = function() return { secret('S') } end })\njob('bad', { run = function() error(secret('S')) end })"
      )
    ]
    let log = LogRecorder()
    let good = try await Execution(configuration, job: "good").run(logger: log.logger)
    #expect(good == .succeeded(["***"]))
    let bad = try await Execution(configuration, job: "bad").run(logger: log.logger)
    #expect(bad.failure?.message.hasSuffix(": ***") == true)
    #expect(!log.lines.contains { $0.message.contains("s3cr3t") })
  }
}
