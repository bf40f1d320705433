/// What one target may use. docs/architecture.md has the table in words.
struct Layer {
  let target: String
  /// The modules that its Swift files may import, the system's included.
  let imports: Set<String>
  /// Pure layers read no clock, start no thread, take no lock, and hold no unsafe code.
  var isPure = false
  /// The names of the files that may hold unsafe code although the layer is pure.
  var unsafeFiles: Set<String> = []
  /// May call `pthread_*`.
  var usesThreads = false
  /// The names of the files that may do so although the layer may not.
  var threadFiles: Set<String> = []
  /// May include Lua's headers. Its own public headers may not.
  var includesLua = false
  /// The folder in `Tests/` that tests it, or nil where there is nothing to test.
  var tests: String?

  /// Lowest first: a layer imports only those above it in this list.
  static let table: [Layer] =
    c + pure + mechanism + engine + library + surface

  private static let c: [Layer] = [
    Layer(target: "CLua", imports: [], includesLua: true, tests: nil),
    // The signal that ends a turn is a matter of the worker's thread: its stack and its mask.
    Layer(
      target: "CLuaBridge", imports: [], threadFiles: ["signals.c"], includesLua: true,
      tests: "LuaRuntimeTests"),
    Layer(target: "CLinux", imports: [], tests: "SystemCallsTests"),
    Layer(target: "COutside", imports: [], tests: "SystemIOTests"),
    Layer(target: "CCurl", imports: [], threadFiles: ["load.c"], tests: "TransfersTests"),
  ]

  private static let pure: [Layer] = [
    Layer(
      target: "TimerWheel", imports: [], isPure: true, unsafeFiles: ["EntrySlab.swift"],
      tests: "TimerWheelTests"),
    Layer(target: "Triggers", imports: [], isPure: true, tests: "TriggersTests"),
    Layer(target: "JSON", imports: [], isPure: true, tests: "JSONTests"),
    Layer(target: "LuaSyntax", imports: [], isPure: true, tests: "LuaSyntaxTests"),
    Layer(target: "Permissions", imports: [], isPure: true, tests: "PermissionsTests"),
    Layer(
      target: "PolicyFile", imports: ["LuaSyntax", "Permissions", "Triggers"], isPure: true,
      tests: "PolicyFileTests"),
    Layer(
      target: "Crontab", imports: ["Permissions", "Triggers"], isPure: true, tests: "CrontabTests"),
    Layer(
      target: "MoonwheelModel", imports: ["Triggers"], isPure: true, tests: "MoonwheelModelTests"),
    Layer(
      target: "SchedulerCore", imports: ["MoonwheelModel", "TimerWheel", "Triggers"], isPure: true,
      unsafeFiles: ["JobTable.swift"], tests: "SchedulerCoreTests"),
  ]

  private static let mechanism: [Layer] = [
    // A mask of signals belongs to a thread.
    Layer(
      target: "SystemCalls", imports: ["CLinux", "Glibc"], threadFiles: ["SignalSet.swift"],
      tests: "SystemCallsTests"),
    Layer(target: "TestSupport", imports: ["Glibc", "SystemCalls", "Triggers"], tests: nil),
    Layer(
      target: "TestServices", imports: ["Glibc", "Synchronization", "SystemCalls", "TestSupport"],
      tests: nil),
    Layer(
      target: "WorkerPool", imports: ["Glibc", "HeapModule", "Synchronization", "SystemCalls"],
      usesThreads: true, tests: "WorkerPoolTests"),
    Layer(
      target: "SystemIO",
      imports: ["COutside", "Glibc", "HeapModule", "Synchronization", "SystemCalls", "WorkerPool"],
      tests: "SystemIOTests"),
    Layer(
      target: "Transfers",
      imports: [
        "CCurl", "DequeModule", "Glibc", "Permissions", "Synchronization", "SystemCalls",
        "SystemIO",
      ],
      tests: "TransfersTests"),
    Layer(
      target: "FileWatching", imports: ["Glibc", "Synchronization", "SystemCalls", "WorkerPool"],
      tests: "FileWatchingTests"),
    Layer(
      target: "SystemZones", imports: ["Synchronization", "SystemCalls", "Triggers"],
      tests: "SystemZonesTests"),
    Layer(
      target: "LuaRuntime",
      imports: ["CLuaBridge", "Glibc", "MoonwheelModel", "SchedulerCore", "Synchronization"],
      usesThreads: true, tests: "LuaRuntimeTests"),
    Layer(
      target: "JobStore",
      imports: [
        "DequeModule", "Metrics", "MoonwheelModel", "Synchronization", "SystemCalls", "Triggers",
        "WorkerPool",
      ],
      tests: "JobStoreTests"),
    Layer(
      target: "JobStoreConformance", imports: ["JobStore", "MoonwheelModel", "Triggers"],
      tests: "JobStoreTests"),
    Layer(
      target: "JobHistory",
      imports: ["JobStore", "MoonwheelModel", "SystemZones", "Triggers"],
      tests: "MoonwheelReportsTests"),
    Layer(
      target: "SQLiteJobStore",
      imports: [
        "GRDB", "GRDBSQLite", "JobStore", "MoonwheelModel", "Synchronization", "SystemCalls",
        "Triggers",
      ],
      tests: "SQLiteJobStoreTests"),
    Layer(target: "PolicyCases", imports: ["MoonwheelModel"], tests: nil),
    Layer(
      target: "HistorySamples", imports: ["JobStore", "MoonwheelModel", "Triggers"], tests: nil),
    Layer(target: "Stdlib", imports: [], tests: nil),
  ]

  private static let engine: [Layer] = [
    Layer(
      target: "ScriptHost",
      imports: [
        "DequeModule", "Glibc", "JobStore", "Logging", "LuaRuntime", "LuaSyntax", "MoonwheelModel",
        "Permissions", "SchedulerCore", "Stdlib", "Synchronization", "SystemCalls", "SystemZones",
        "Triggers",
        "WorkerPool",
      ],
      tests: "ScriptHostTests"),
    Layer(
      target: "ModuleKit",
      imports: ["LuaRuntime", "MoonwheelModel", "Permissions", "ScriptHost"],
      tests: "ModuleKitTests"),
    Layer(
      target: "ToyModule", imports: ["ModuleKit", "Synchronization"], tests: nil),
    Layer(
      target: "StandardModules",
      imports: [
        "Glibc", "JobStore", "LuaRuntime", "ModuleKit", "MoonwheelModel", "Permissions",
        "ScriptHost", "Stdlib", "Synchronization", "SystemCalls", "SystemIO", "Transfers",
        "Triggers", "WorkerPool",
      ],
      tests: "StandardModulesTests"),
    Layer(
      target: "SchedulerEngine",
      imports: [
        "FileWatching", "JobStore", "Logging", "LuaRuntime", "Metrics", "MoonwheelModel",
        "SchedulerCore", "ScriptHost", "StandardModules", "Stdlib", "Synchronization",
        "SystemCalls", "SystemZones", "Triggers", "WorkerPool",
      ],
      tests: "SchedulerEngineTests"),
  ]

  private static let library: [Layer] = [
    Layer(
      target: "Moonwheel",
      imports: [
        "FileWatching", "JobHistory", "JobStore", "Logging", "LuaRuntime", "LuaSyntax", "Metrics",
        "MoonwheelModel", "Permissions", "PolicyFile", "SchedulerCore", "SchedulerEngine",
        "ScriptHost", "ServiceLifecycle", "Synchronization",
        "SystemCalls", "SystemZones", "Triggers", "WorkerPool",
      ],
      tests: "MoonwheelTests"),
    Layer(
      target: "MoonwheelSimulation",
      imports: [
        "FileWatching", "JobStore", "Logging", "LuaRuntime", "MoonwheelModel", "SchedulerCore",
        "SchedulerEngine", "ScriptHost", "Stdlib", "Synchronization", "SystemCalls", "SystemZones",
        "Triggers", "WorkerPool",
      ],
      tests: "MoonwheelSimulationTests"),
    Layer(
      target: "MoonwheelTesting",
      imports: [
        "Logging", "Moonwheel", "MoonwheelModel", "MoonwheelSimulation", "SchedulerCore",
        "ScriptHost", "Synchronization", "SystemCalls", "Triggers", "WorkerPool",
      ],
      tests: "MoonwheelTestingTests"),
    Layer(
      target: "MoonwheelReports",
      imports: [
        "JSON", "JobHistory", "JobStore", "Logging", "Moonwheel", "MoonwheelModel",
        "MoonwheelSimulation", "Permissions", "SystemZones", "Triggers",
      ],
      tests: "MoonwheelReportsTests"),
  ]

  private static let surface: [Layer] = [
    Layer(
      target: "Layers",
      imports: [
        "FileWatching", "JobStore", "LuaRuntime", "MoonwheelModel", "SchedulerCore",
        "SchedulerEngine", "ScriptHost", "SystemCalls", "SystemZones", "Triggers", "WorkerPool",
      ],
      tests: nil),
    Layer(
      target: "MoonwheelCLI",
      imports: [
        "ArgumentParser", "Crontab", "FileWatching", "Glibc", "JSON", "JobHistory", "JobStore",
        "Logging",
        "Moonwheel", "MoonwheelModel", "MoonwheelReports", "MoonwheelSimulation", "Permissions",
        "PolicyFile", "ScriptHost",
        "SQLiteJobStore", "Stdlib", "Synchronization", "SystemCalls", "SystemIO", "SystemZones", "Triggers",
        "WorkerPool",
      ],
      tests: "CommandLineTests"),
    Layer(target: "Embedding", imports: ["Moonwheel"], tests: "MoonwheelTests"),
    Layer(target: "Shell", imports: ["Foundation", "Moonwheel"], tests: "MoonwheelTests"),
  ]
}
