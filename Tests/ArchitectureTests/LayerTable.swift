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
    Layer(target: "JSON", imports: [], isPure: true, tests: "JSONTests"),
    Layer(
      target: "MoonwheelCore", imports: ["Synchronization", "TimerWheel", "Triggers"],
      isPure: true, unsafeFiles: ["JobTable.swift"], tests: "MoonwheelCoreTests"),
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
    Layer(target: "TestSupport", imports: ["Glibc", "SystemCalls"], tests: nil),
    Layer(
      target: "LuaRuntime", imports: ["CLuaBridge", "Glibc", "MoonwheelCore", "Synchronization"],
      usesThreads: true, tests: "LuaRuntimeTests"),
    Layer(
      target: "SQLiteJobStore",
      imports: [
        "GRDB", "GRDBSQLite", "Glibc", "MoonwheelCore", "Synchronization", "Triggers",
      ],
      tests: "SQLiteJobStoreTests"),
    Layer(
      target: "JobStoreConformance", imports: ["MoonwheelCore", "TestSupport", "Triggers"],
      tests: "MoonwheelCoreTests"),
    Layer(target: "Stdlib", imports: [], tests: nil),
    Layer(
      target: "Moonwheel",
      imports: [
        "FileWatching", "Glibc", "Logging", "LuaRuntime", "Metrics", "MoonwheelCore",
        "ServiceLifecycle", "Stdlib", "Synchronization", "SystemCalls", "SystemZones",
        "TimerWheel", "Triggers", "WorkerPool",
      ],
      tests: "MoonwheelTests"),
    Layer(
      target: "MoonwheelTesting",
      imports: ["Moonwheel", "WorkerPool", "Logging", "Synchronization", "SystemCalls"],
      tests: "MoonwheelTestingTests"),
    Layer(
      target: "MoonwheelReports",
      imports: ["JSON", "Logging", "Moonwheel", "MoonwheelCore", "Triggers"],
      tests: "MoonwheelReportsTests"),
    Layer(
      target: "MoonwheelCLI",
      imports: [
        "ArgumentParser", "Glibc", "JSON", "Logging", "Moonwheel", "MoonwheelReports",
        "SQLiteJobStore", "Synchronization", "WorkerPool",
      ],
      tests: "CommandLineTests"),
    Layer(
      target: "Embedding", imports: ["Logging", "Moonwheel", "ServiceLifecycle"],
      tests: "MoonwheelTests"),
  ]
}
