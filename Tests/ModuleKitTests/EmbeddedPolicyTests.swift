import ModuleKit
import Moonwheel
import MoonwheelTesting
import TestSupport
import Testing

/// A program whose scripts have what a file grants.
@Suite(.timeLimit(.minutes(2))) struct EmbeddedPolicyTests {
  private struct Outside: ScriptModule {
    let name = "outside"

    var functions: [ModuleFunction] {
      [
        ModuleFunction("get", ["host"]) { call in
          try call.require(.net, call.arguments[0].text ?? "")
          return true
        }
      ]
    }
  }

  @Test func `a file decides, and holds at once when it comes, changes and goes`() async throws {
    let folder = try TemporaryFolder()
    try folder.folder("jobs")
    try folder.write(
      "jobs/a.lua",
      """
      permissions { net = { "a.example" } }
      every("20ms", { name = "a" }, function()
        local got, why, code = outside.get("a.example")
        emit("answer." .. (got and "got" or code))
      end)
      """)
    var configuration = Configuration(paths: [folder.path("jobs")])
    try configuration.add(Outside())
    configuration.permissions = .policy(folder.path("policy"))
    let log = LogRecorder()
    let scheduler = try Scheduler(configuration, store: .memory, logger: log.logger)
    let events = try EventRecorder("answer.*", of: scheduler)
    try scheduler.start()
    #expect(log.wait { $0.contains { $0.message.contains("add to \(folder.path("policy")):") } })
    try folder.write("policy", "allow('*.lua', { net = '*.example' })")
    #expect(events.wait { $0.contains { $0.name == "answer.got" } })
    try folder.write("policy", "allow('*.lua', { net = '*.example' }) deny('a.lua', { net = '*' })")
    #expect(events.wait { $0.contains { $0.name == "answer.denied" } })
    try folder.write("policy", "allow('*.lua', { net = '*.example' })")
    events.removeAll()
    #expect(events.wait { $0.contains { $0.name == "answer.got" } })
    try folder.write("policy", "broken")
    #expect(log.wait { $0.contains { $0.message.contains("policy:1: after broken comes (") } })
    events.removeAll()
    #expect(events.wait { $0.contains { $0.name == "answer.got" } })
    folder.remove("policy")
    #expect(events.wait { $0.contains { $0.name == "answer.denied" } })
    await scheduler.stop()
  }
}
