import Layers
import ModuleKit
import Moonwheel
import MoonwheelSimulation
import MoonwheelTesting
import Synchronization
import TestSupport
import Testing

/// A module whose functions need permissions.
private struct Outside: ScriptModule {
  let name = "outside"

  var functions: [ModuleFunction] {
    [
      ModuleFunction("get", ["host"]) { call in
        try call.require(.net, call.arguments[0].text ?? "")
        return true
      },
      ModuleFunction("read", ["path"]) { call in
        try call.require(.read, call.arguments[0].text ?? "")
        return .string(call.folder)
      },
      ModuleFunction("allows", ["kind", "name"]) { call in
        guard let kind = call.arguments[0].text.flatMap({ PermissionKind(rawValue: $0) }) else {
          throw Refusal("no such kind")
        }
        return .bool(call.allows(kind, call.arguments[1].text ?? ""))
      },
      ModuleFunction("loads") { call in .bool(call.isLoading) },
      .waiting("later", ["host"]) { call in
        try await Task.sleep(for: .milliseconds(1))
        try call.require(.net, call.arguments[0].text ?? "")
        return true
      },
    ]
  }

  var simulated: [ModuleFunction] { functions.filter { $0.name == "get" } }
}

/// What scripts ask for, get and are denied.
@Suite(.timeLimit(.minutes(2))) struct PermissionTests {
  private func configuration(_ policy: PermissionPolicy) throws -> Configuration {
    var configuration = Configuration()
    try configuration.add(Outside())
    configuration.permissions = policy
    return configuration
  }

  private func host(_ script: String, _ policy: PermissionPolicy = .asked) throws -> TestScheduler {
    try TestScheduler(["a.lua": script], configuration: try configuration(policy))
  }

  private static let denied =
    "a.lua:2: outside.get: this script may not connect to b.example:8080.\n  Add it to the script:  permissions { net = { \"b.example:8080\" } }"

  @Test func `a script may do what it asks for, and hears what else it must ask for`() async throws
  {
    let host = try host(
      """
      permissions { net = { "a.example" } }
      on("go", { name = "j" }, function() print(outside.get("a.example")) print(outside.get("b.example:8080")) end)
      """)
    let events = try EventRecorder("run.denied", of: host.scheduler)
    let ends = try EventRecorder("run.succeeded", of: host.scheduler)
    try host.scheduler.emit("go")
    #expect(ends.wait { $0.count == 1 })
    #expect(host.log.wait { $0.count { $0.isSaid } == 2 })
    #expect(host.log.said == ["true", "nil\t\(Self.denied)\tdenied"])
    #expect(events.wait { $0.count == 1 })
    let payload = events.events[0].payload
    #expect(payload["script"] == "a.lua" && payload["job"] == "j" && payload["run"]?.text != nil)
    #expect(payload["permission"] == "net" && payload["wanted"] == "b.example:8080")
    #expect(payload["at"] == "a.lua:2" && payload["reason"] == .string(Self.denied))
    #expect(host.log.messages(of: "run.denied") == ["run.denied: \(Self.denied)"])
    let past = try await host.scheduler.job("j", of: "a.lua").runs()
    #expect(past.first?.log.last?.message == Self.denied)
    await host.stop()
  }

  @Test func `a function that waits is denied, too`() async throws {
    let host = try host("on('go', function() print(outside.later('a.example')) end)")
    try host.scheduler.emit("go")
    let text =
      "nil\ta.lua:1: outside.later: this script may not connect to a.example.\n  Add it to the script:  permissions { net = { \"a.example\" } }\tdenied"
    #expect(host.log.wait { $0.contains { $0.message == text } }, "\(host.log.messages)")
    await host.stop()
  }

  @Test func `a denial is logged once a minute for each thing, and counted`() async throws {
    let host = try host(
      """
      every("1s", { name = "j" }, function() outside.get("a.example") outside.get("b.example") end)
      """)
    host.advance(by: .seconds(30))
    let first = host.log.messages(of: "run.denied")
    #expect(first.count == 2, "\(first)")
    host.advance(by: .seconds(60))
    let sums = host.log.messages(of: "run.denied").dropFirst(2)
    #expect(sums.count == 2 && sums.allSatisfy { $0.contains("more times since") }, "\(sums)")
    await host.stop()
  }

  @Test func `a handler of denials cannot start itself`() async throws {
    let host = try host(
      """
      on("run.denied", function(event) print(event.payload.wanted) outside.get("b.example") end)
      on("go", function() outside.get("a.example") end)
      """)
    try host.scheduler.emit("go")
    #expect(host.log.wait { $0.contains { $0.message == "a.example" } })
    host.advance(by: .seconds(5))
    #expect(host.log.said == ["a.example"])
    await host.stop()
  }

  @Test func `a storm of denials makes few events`() async throws {
    let host = try host(
      "on('go', function() for i = 1, 5000 do outside.get(i .. '.example.org') end print('done') end)"
    )
    let events = try EventRecorder("run.denied", of: host.scheduler)
    try host.scheduler.emit("go")
    #expect(host.log.wait { $0.contains { $0.message == "done" } })
    host.advance(by: .seconds(1))
    #expect((100...150).contains(events.events.count), "\(events.events.count)")
    try host.scheduler.emit("go")
    #expect(host.log.wait { $0.count { $0.message == "done" } == 2 })
    host.advance(by: .seconds(1))
    #expect(events.events.contains { ($0.payload["count"]?.int ?? 1) > 1_000 })
    await host.stop()
  }

  @Test func `nothing is granted unless the program says so`() async throws {
    #expect(
      try loadError(
        "permissions { net = { 'a.example' }, run = { 'git' }, optional = { env = 'X' } }", .none)
        == "a.lua:1: this script asks for what is not granted: net a.example; run git\n  To grant it, set Configuration.permissions of the program"
    )
    #expect(try loadError("permissions { optional = { net = { 'a.example' } } }", .none) == nil)
    #expect(try loadError("permissions {}", .none) == nil)
    let some = PermissionPolicy.granting { script, asked in
      script == "a.lua" && asked[.run] == ["git"] ? [.net: ["*.example"], .run: ["git"]] : [:]
    }
    #expect(try loadError("permissions { net = { 'a.example' }, run = 'git' }", some) == nil)
    #expect(
      try loadError("permissions { net = { 'a.example.org' }, run = 'git' }", some)?
        .contains("not granted: net a.example.org\n") == true)
  }

  @Test func `what is asked for and not granted cannot be caught`() throws {
    let error = try #require(
      try loadError("pcall(permissions, { run = { 'git' } })\nevery('1h', print)", .none))
    #expect(error.hasPrefix("a.lua: this script asks for what is not granted: run git"))
    let inspection = try inspect("permissions { run = { 'git' } }", .none)
    #expect(inspection.errors.map(\.code) == [.denied])
  }

  @Test func `a rule that denies wins`() async throws {
    let policy = PermissionPolicy(
      grantBy: { "run:  moonwheel allow \($0)" },
      { _, asked in
        PermissionDecision(granted: asked, denied: [.net: ["b.example"], .run: ["*"]])
      })
    #expect(
      try loadError("permissions { net = { 'a.example', 'b.example' }, run = { 'git' } }", policy)
        == "a.lua:1: this script asks for what a rule denies: net b.example; run git")
    let host = try host(
      """
      permissions { net = { "*.example" } }
      on("go", function() print(outside.get("a.example")) print(outside.get("b.example")) print(outside.get("c.org")) end)
      """, policy)
    try host.scheduler.emit("go")
    #expect(host.log.wait { $0.count { $0.isSaid } == 3 })
    #expect(
      host.log.said == [
        "true",
        "nil\ta.lua:2: outside.get: this script may not connect to b.example.\n  A rule denies it, whatever is granted.\tdenied",
        "nil\ta.lua:2: outside.get: this script may not connect to c.org.\n  Add it to the script:  permissions { net = { \"c.org\" } }   and then run:  moonwheel allow a.lua\tdenied",
      ])
    await host.stop()
  }

  static let wrong: [(String, String)] = [
    (
      "permissions()",
      "1: permissions takes a table, as in permissions { net = { \"api.example.com\" } }, not nil"
    ),
    (
      "permissions('net')",
      "1: permissions takes a table, as in permissions { net = { \"api.example.com\" } }, not \"net\""
    ),
    (
      "permissions { nett = { 'a' } }",
      "1: permissions: there is no kind \"nett\"; did you mean \"net\"?"
    ),
    (
      "permissions { network = { 'a' } }",
      "1: permissions: there is no kind \"network\"; there are net, read, write, run, env, secret, mail, kv, unix, send, insecure, optional"
    ),
    (
      "permissions { optional = { nett = { 'a' } } }",
      "1: permissions: there is no kind \"optional.nett\"; did you mean \"net\"?"
    ),
    ("permissions { optional = { optional = {} } }", "1: optional has no optional in it"),
    (
      "permissions { optional = 'net' }",
      "1: optional must be a table of permissions, as in optional = { net = { \"api.example.com\" } }, not \"net\""
    ),
    (
      "permissions { 'a.example' }",
      "1: permissions: entries stand under a kind, as in net = { ... }, and not under 1"
    ),
    (
      "permissions { [true] = {} }",
      "1: permissions: entries stand under a kind, as in net = { ... }, and not under true"
    ),
    (
      "permissions { net = 5 }",
      "1: permissions: net must be a list of texts, as in net = { \"...\" }, not 5"
    ),
    (
      "permissions { insecure = true }",
      "1: permissions: insecure must be a list of texts, as in insecure = { \"...\" }, not true"
    ),
    (
      "permissions { net = { a = 'b' } }",
      "1: permissions: net must be a list of texts, as in net = { \"...\" }, not a table"
    ),
    ("permissions { net = { 'a', 5 } }", "1: permissions: net[2] must be a text, not 5"),
    ("permissions { net = { {} } }", "1: permissions: net[1] must be a text, not a table"),
    (
      "permissions { net = { 'http://a.example/x' } }",
      "1: permissions: net[1] = \"http://a.example/x\": this is an address of a page; write the host alone: \"a.example\""
    ),
    (
      "permissions { optional = { run = { 'git status' } } }",
      "1: permissions: optional.run[1] = \"git status\": name the program alone, which may get any arguments: \"git\""
    ),
    (
      "permissions { read = { 'a\\0b' } }",
      "1: permissions: read[1] = \"a\\000b\": it has a control character, such as a line break or NUL"
    ),
    (
      "permissions { env = { 'a\\nb' } }",
      "1: permissions: env[1] = \"a\\010b\": it has a control character, such as a line break or NUL"
    ),
    (
      "permissions { env = { '\\xff' } }",
      "1: permissions: env[1] must be a text, not a string that is not UTF-8"
    ),
    (
      "permissions { net = { function() end } }",
      "1: permissions.net[1]: a function cannot leave its script"
    ),
    (
      "local t = {} t.net = t\npermissions(t)",
      "2: permissions.net: a table that contains itself cannot be copied"
    ),
    (
      "permissions(setmetatable({}, { __index = { net = { 'a' } } }))",
      "1: permissions takes plain tables, without metatables"
    ),
    (
      "permissions { net = setmetatable({ 'a' }, {}) }",
      "1: permissions takes plain tables, without metatables"
    ),
    (
      "permissions { optional = { net = setmetatable({ 'a' }, { __metatable = false }) } }",
      "1: permissions takes plain tables, without metatables"
    ),
    (
      "local l = {} for i = 1, 257 do l[i] = 'V' .. i end\npermissions { env = l }",
      "2: permissions: env has more than 256 entries"
    ),
    (
      "permissions { env = { ('x'):rep(2000) } }",
      "1: permissions: env[1] = \"\(String(repeating: "x", count: 100))...\": it has more than 1024 bytes"
    ),
    (
      "local l = {} for i = 1, 100 do l[i] = ('x'):rep(1000) .. i end\npermissions { env = l }",
      "2: permissions: all entries together have more than 64 KiB"
    ),
    (
      "permissions {}\npermissions {}",
      "2: permissions is called once: put all that the script needs into one table"
    ),
    (
      "every('1h', print)\npermissions {}",
      "2: permissions come before the first job: move this to the top of the script"
    ),
    (
      "load('permissions {}')()",
      "[string \"permissions {}\"]:1: only the script itself asks for permissions, not [string \"permissions {}\"]: what it requires has the rights of the script. Write permissions { ... } at the top of a.lua"
    ),
  ]

  @Test(arguments: wrong)
  func `what is asked for is a table of texts, at the top of the script`(
    script: String, message: String
  ) throws {
    let error = try loadError(script, .asked)
    #expect(error == (message.hasPrefix("[") ? message : "a.lua:" + message))
  }

  @Test func `a refused table may be followed by a right one`() async throws {
    let host = try host(
      """
      pcall(permissions, { nett = {} })
      permissions { net = { "a.example" } }
      on("go", function() print(pcall(permissions, {})) print(outside.get("a.example")) end)
      """)
    try host.scheduler.emit("go")
    #expect(host.log.wait { $0.count { $0.isSaid } == 2 })
    #expect(
      host.log.said == [
        "false\ta.lua:3: permissions are asked for while the script loads: write permissions { ... } at its top, not in a function that runs later",
        "true",
      ])
    await host.stop()
  }

  @Test func `modules ask for nothing`() throws {
    let folder = try TemporaryFolder()
    try folder.folder("lib")
    try folder.write("lib/asks.lua", "permissions { run = { 'sh' } }")
    try folder.write("lib/later.lua", "return function() permissions { run = { 'sh' } } end")
    for script in ["require 'asks'", "require('later')()"] {
      try folder.write("a.lua", script)
      var configuration = Configuration(paths: [folder.path])
      configuration.permissions = .asked
      let errors = try Inspection(configuration).errors
      #expect(
        errors.count == 1 && errors[0].message.contains("only the script itself asks"), "\(errors)")
    }
  }

  @Test func `keys of its own, and what a load may ask`() async throws {
    let host = try host(
      """
      permissions { read = { "in" }, kv = { "shop.*" } }
      print(outside.loads(), outside.allows("kv", "self.a"), outside.allows("kv", "shop.a"), outside.allows("kv", "b"))
      print(outside.read("in/a") ~= nil, (outside.read("/etc/passwd")))
      """, .asked)
    #expect(host.log.said == ["true\ttrue\ttrue\tfalse", "true\tnil"])
    #expect(host.log.messages(of: "run.denied").count == 1)
    await host.stop()
  }

  // MARK: Changes

  @Test func `a version that asks for more waits until it is granted`() async throws {
    let folder = try TemporaryFolder()
    let granted = Mutex<PermissionSet>([.net: ["a.example"]])
    var configuration = try configuration(.granting { _, _ in granted.withLock { $0 } })
    configuration.paths = [folder.path]
    configuration.watches = false
    try folder.write(
      "a.lua", "permissions { net = { 'a.example' } }\non('go', function() print('old') end)")
    let host = try TestScheduler([:], configuration: configuration)
    try folder.write(
      "a.lua",
      "permissions { net = { 'a.example', 'b.example' } }\non('go', function() print('new', outside.get('b.example')) end)"
    )
    try await host.scheduler.reload()
    #expect(host.log.messages(of: "script.failed").count == 1)
    try host.scheduler.emit("go")
    #expect(host.log.wait { $0.contains { $0.message == "old" } })
    granted.withLock { $0[.net] = ["a.example", "b.example"] }
    host.scheduler.decidePermissionsAgain()
    #expect(host.log.wait { $0.contains { $0.event == "script.reloaded" } })
    host.scheduler.waitUntilIdle()
    try host.scheduler.emit("go")
    #expect(host.log.wait { $0.contains { $0.message == "new\ttrue" } })
    granted.withLock { $0 = [:] }
    host.scheduler.decidePermissionsAgain()
    try host.scheduler.emit("go")
    #expect(host.log.wait { $0.contains { $0.message.hasPrefix("new\tnil") } })
    let last = host.log.said.last ?? ""
    #expect(last.contains("The script asks for it, but it is not granted: set"), "\(last)")
    #expect(
      host.log.messages.contains { $0.hasSuffix("It runs on, and is denied that at each call.") })
    await host.stop()
  }

  @Test func `a text that was not granted loads when it is`() async throws {
    let isGranted = Mutex(false)
    let host = try host(
      "permissions { run = 'git' }\non('go', function() print('here') end)",
      .granting { _, asked in isGranted.withLock { $0 } ? asked : [:] })
    #expect(host.log.messages(of: "script.failed").count == 1)
    isGranted.withLock { $0 = true }
    host.scheduler.decidePermissionsAgain()
    #expect(host.log.wait { $0.contains { $0.event == "script.loaded" } })
    await host.stop()
  }

  @Test func `a private isolate and a load after an eviction have the rights of the script`()
    async throws
  {
    let host = try host(
      """
      permissions { net = { "a.example" } }
      on("go", { isolate = "run" }, function() print(outside.get("a.example"), (outside.get("b.example"))) end)
      """)
    for count in 1...2 {
      try host.scheduler.emit("go")
      #expect(
        host.log.wait { $0.count { $0.message == "true\tnil" } == count }, "\(host.log.messages)")
    }
    await host.stop()
  }

  // MARK: Simulations

  @Test func `in a simulation what is asked for is granted, and the rest is in the trace`() throws {
    let (simulation, trace) = try Simulation.load(
      [
        "a.lua": """
        permissions { net = { "a.example" } }
        every("1m", { name = "j" }, function() print(outside.get("a.example"), (outside.get("b.example"))) end)
        """
      ], configure: { try $0.add(Outside()) })
    try simulation.run(for: .seconds(120))
    #expect(trace.lines == ["true\tnil", "true\tnil"])
    let denied = trace.entries("run.denied", of: "j")
    #expect(
      denied.count == 2 && denied[0]["permission"] == "net" && denied[0]["wanted"] == "b.example")
    #expect(denied[0].script == "a.lua" && denied[0]["at"] == "a.lua:2")
  }

  private func inspect(_ script: String, _ policy: PermissionPolicy) throws -> Inspection {
    var configuration = try configuration(policy)
    configuration.texts = [(name: "a.lua", source: script)]
    return try Inspection(configuration)
  }

  /// The message of the one error with which a script does not load; nil if it loads.
  private func loadError(_ script: String, _ policy: PermissionPolicy) throws -> String? {
    let errors = try inspect(script, policy).errors
    #expect(errors.count < 2)
    return errors.first?.message
  }
}
