import Testing

/// Proves that the rules bite, on texts that break them.
struct LayerRuleTests {
  struct Case: CustomTestStringConvertible {
    let target: String
    var file = "File.swift"
    let text: String
    let violations: [String]

    var testDescription: String { "\(target)/\(file): \(text)" }

    var found: [String] {
      let file = SourceFile(target: target, path: "Sources/\(target)/\(file)", text: text)
      return Layer.violations(in: file).map { "\($0.line): \($0.what)" }
    }
  }

  static let imports = [
    Case(target: "Triggers", text: "import Foundation", violations: ["1: imports Foundation"]),
    Case(target: "TimerWheel", text: "\nimport Glibc\n", violations: ["2: imports Glibc"]),
    Case(
      target: "Triggers", text: "import Synchronization; import Dispatch",
      violations: ["1: imports Dispatch"]),
    Case(
      target: "Moonwheel", text: "import CLuaBridge", violations: ["1: imports CLuaBridge"]),
    Case(target: "moonwheel", text: "import CLuaBridge", violations: ["1: imports CLuaBridge"]),
    Case(target: "moonwheel", text: "import Foundation", violations: ["1: imports Foundation"]),
    Case(target: "LuaRuntime", text: "import CLua", violations: ["1: imports CLua"]),
    Case(
      target: "SchedulerCore", text: "@_exported public import struct WorkerPool.Slice",
      violations: ["1: imports WorkerPool"]),
    Case(
      target: "WorkerPool", text: "@preconcurrency import func LuaRuntime.run",
      violations: ["1: imports LuaRuntime"]),
    Case(
      target: "Triggers", text: "/* a /* nested */ one */ import Logging // why",
      violations: ["1: imports Logging"]),
    Case(target: "WorkerPool", text: "import HeapModule\nimport Glibc", violations: []),
    Case(target: "Triggers", text: "// import Foundation\nlet s = \"import X\"", violations: []),
    Case(target: "Triggers", text: "let importance = important", violations: []),
    Case(target: "Unheard", text: "", violations: ["1: target Unheard has no layer"]),
  ]

  static let words = [
    Case(target: "Moonwheel", text: "let x = try? f()", violations: ["1: uses try?"]),
    Case(target: "Stdlib", text: "let x = try! f()", violations: ["1: uses try!"]),
    Case(
      target: "moonwheel", text: "if a {\n  fatalError(\"no\")\n}",
      violations: ["2: uses fatalError"]),
    Case(
      target: "Moonwheel", text: #"let s = "a \(try? f("b")) c""#, violations: ["1: uses try?"]),
    Case(
      target: "Moonwheel", text: "let r = /\"/\ntry? f()", violations: ["2: uses try?"]),
    Case(
      target: "Moonwheel", text: "pthread_create(&t, nil, f, nil)",
      violations: ["1: uses pthread_create"]),
    Case(
      target: "Moonwheel", text: "Glibc.pthread_self()", violations: ["1: uses pthread_self"]),
    Case(target: "Moonwheel", text: "my_pthread_self(); tryAll?()", violations: []),
    Case(target: "WorkerPool", text: "pthread_create(&t, nil, f, nil)", violations: []),
    Case(target: "LuaRuntime", text: "unsafe pthread_kill(t, SIGURG)", violations: []),
    Case(
      target: "Triggers", text: "let b = unsafe p[0]", violations: ["1: a pure layer uses unsafe"]),
    Case(
      target: "TimerWheel", file: "Wheel.swift", text: "nonisolated(unsafe) var x = 1",
      violations: ["1: a pure layer uses unsafe"]),
    Case(target: "TimerWheel", file: "EntrySlab.swift", text: "unsafe p[0]", violations: []),
    Case(
      target: "Triggers", file: "EntrySlab.swift", text: "unsafe p[0]",
      violations: ["1: a pure layer uses unsafe"]),
    Case(
      target: "SchedulerCore", text: "let now = ContinuousClock.now",
      violations: ["1: a pure layer uses ContinuousClock"]),
    Case(
      target: "Triggers", text: "/// It is unsafe to\n/* try! */ let s = \"try? \"", violations: []),
    Case(
      target: "Triggers", text: "try f()\nlet unsafety = \"\"\"\n  unsafe x\n  \"\"\"",
      violations: []),
    Case(target: "Triggers", text: ##"let s = #"a " try! \( "#; g()"##, violations: []),
    Case(target: "Triggers", text: #"let s = "a \" try! \\"; f("try? ")"#, violations: []),
  ]

  static let headers = [
    Case(
      target: "LuaRuntime", file: "shim.c", text: "#include <lua5.4/lua.h>",
      violations: ["1: includes lua.h"]),
    Case(
      target: "WorkerPool", file: "a.h", text: "int f(void);\n # include \"lauxlib.h\"",
      violations: ["2: includes lauxlib.h"]),
    Case(
      target: "CLuaBridge", file: "include/CLuaBridge.h", text: "#include <lua5.4/lua.h>",
      violations: ["1: a public header includes lua.h"]),
    Case(
      target: "CLuaBridge", file: "bridge.c", text: "pthread_self();",
      violations: ["1: uses pthread_self"]),
    Case(
      target: "CLuaBridge", file: "bridge.c",
      text: "#include <lua5.4/lualib.h>\n/* pthread_self */\n#include \"internal.h\"",
      violations: []),
    Case(
      target: "CLuaBridge", file: "codec.c", text: "if (c == '\"') pthread_self();",
      violations: ["1: uses pthread_self"]),
    Case(target: "CLua", file: "shim.h", text: "#include <lua5.4/lua.h>", violations: []),
  ]

  @Test(arguments: imports + words + headers)
  func `a rule finds what breaks it, and nothing else`(_ sample: Case) {
    #expect(sample.found == sample.violations)
  }

  @Test func `targets are read from a manifest`() {
    let manifest = """
      .target(name: "A"), .executableTarget(
        name: "b", dependencies: [.target(name: "A")]),
      .systemLibrary(name: "C"), .testTarget(name: "ATests")
      """
    #expect(Set(Manifest.targets(manifest)) == ["A", "b", "C"])
    #expect(Manifest.testTargets(manifest) == ["ATests"])
  }
}
