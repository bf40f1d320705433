/// What one target may use. The table of ARCHITECTURE.md, as data.
struct Layer {
  let target: String
  /// The modules that its Swift files may import, the system's included.
  let imports: Set<String>
  /// Pure layers read no clock, start no thread, and hold no unsafe code.
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
  static let table: [Layer] = [
    Layer(target: "CLua", imports: [], includesLua: true, tests: nil),
    // The signal that ends a turn is a matter of the worker's thread: its stack and its mask.
    Layer(
      target: "CLuaBridge", imports: [], threadFiles: ["signals.c"], includesLua: true,
      tests: "LuaRuntimeTests"),
    Layer(target: "CLinux", imports: [], tests: "SystemCallsTests"),
    Layer(
      target: "TimerWheel", imports: ["Synchronization"], isPure: true,
      unsafeFiles: ["EntrySlab.swift"],
      tests: "TimerWheelTests"),
    Layer(target: "Triggers", imports: ["Synchronization"], isPure: true, tests: "TriggersTests"),
    Layer(
      target: "MoonwheelModel", imports: ["Synchronization", "Triggers"], isPure: true,
      tests: "MoonwheelModelTests"),
    Layer(
      target: "SchedulerCore",
      imports: ["MoonwheelModel", "Synchronization", "TimerWheel", "Triggers"], isPure: true,
      unsafeFiles: ["JobTable.swift"], tests: "SchedulerCoreTests"),
    // A mask of signals belongs to a thread.
    Layer(
      target: "SystemCalls", imports: ["CLinux", "Glibc"], threadFiles: ["SignalSet.swift"],
      tests: "SystemCallsTests"),
    Layer(
      target: "WorkerPool", imports: ["Glibc", "HeapModule", "Synchronization", "SystemCalls"],
      usesThreads: true, tests: "WorkerPoolTests"),
    Layer(
      target: "FileWatching", imports: ["Glibc", "Synchronization", "SystemCalls", "WorkerPool"],
      tests: "FileWatchingTests"),
    Layer(
      target: "SystemZones", imports: ["Synchronization", "SystemCalls", "Triggers"],
      tests: "SystemZonesTests"),
    Layer(target: "TestSupport", imports: ["Glibc", "SystemCalls", "Triggers"], tests: nil),
    Layer(target: "PolicyCases", imports: ["MoonwheelModel"], tests: nil),
    Layer(
      target: "LuaRuntime",
      imports: ["CLuaBridge", "Glibc", "MoonwheelModel", "SchedulerCore", "Synchronization"],
      usesThreads: true, tests: "LuaRuntimeTests"),
    Layer(
      target: "JobStore",
      imports: [
        "Metrics", "MoonwheelModel", "Synchronization", "SystemCalls", "Triggers", "WorkerPool",
      ],
      tests: "JobStoreTests"),
    Layer(
      target: "SQLiteJobStore",
      imports: [
        "GRDB", "GRDBSQLite", "JobStore", "MoonwheelModel", "Synchronization", "SystemCalls",
        "Triggers",
      ],
      tests: "SQLiteJobStoreTests"),
    Layer(
      target: "JobStoreConformance", imports: ["JobStore", "MoonwheelModel", "Triggers"],
      tests: "JobStoreTests"),
    Layer(target: "Stdlib", imports: [], tests: nil),
    Layer(
      target: "Moonwheel",
      imports: [
        "FileWatching", "Glibc", "JobStore", "Logging", "LuaRuntime", "Metrics", "MoonwheelModel",
        "SchedulerCore", "ServiceLifecycle", "Stdlib", "Synchronization", "SystemCalls",
        "SystemZones", "TimerWheel", "Triggers", "WorkerPool",
      ],
      tests: "MoonwheelTests"),
    Layer(
      target: "MoonwheelTesting",
      imports: [
        "Moonwheel", "MoonwheelModel", "SchedulerCore", "WorkerPool", "Logging", "Synchronization",
        "SystemCalls",
      ],
      tests: "MoonwheelTestingTests"),
    Layer(
      target: "moonwheel",
      imports: [
        "ArgumentParser", "FoundationEssentials", "Glibc", "JobStore", "Logging", "Moonwheel",
        "MoonwheelModel", "SQLiteJobStore", "ServiceLifecycle", "Synchronization", "SystemCalls",
        "Triggers", "WorkerPool",
      ],
      tests: "CommandLineTests"),
    Layer(
      target: "Embedding", imports: ["Logging", "Moonwheel", "ServiceLifecycle"],
      tests: "MoonwheelTests"),
  ]
}
