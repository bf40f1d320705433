// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
]

let log = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let metricsTesting = Target.Dependency.product(name: "MetricsTestKit", package: "swift-metrics")
let lifecycle = Target.Dependency.product(
  name: "ServiceLifecycle", package: "swift-service-lifecycle")
let arguments = Target.Dependency.product(
  name: "ArgumentParser", package: "swift-argument-parser")
let database = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let databaseInC = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let deque = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let heap = Target.Dependency.product(name: "HeapModule", package: "swift-collections")

let package = Package(
  name: "moonwheel",
  products: [
    .library(name: "Moonwheel", targets: ["Moonwheel"]),
    .library(name: "ModuleKit", targets: ["ModuleKit"]),
    .library(name: "MoonwheelSimulation", targets: ["MoonwheelSimulation"]),
    .library(name: "MoonwheelTesting", targets: ["MoonwheelTesting"]),
    .library(name: "SQLiteJobStore", targets: ["SQLiteJobStore"]),
    .executable(name: "moonwheel", targets: ["MoonwheelCLI"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ],
  targets: [
    // `make deps` writes that pkg-config file where the system's Lua is too old; without it, the system's is found.
    .systemLibrary(name: "CLua", pkgConfig: "moonwheel-lua"),
    .target(
      name: "CLuaBridge", dependencies: ["CLua"],
      linkerSettings: [
        .linkedLibrary(":liblua5.4.a"), .linkedLibrary("m"), .linkedLibrary("dl"),
      ]),
    .target(name: "CLinux"),
    .target(name: "COutside"),
    .target(name: "CCurl", linkerSettings: [.linkedLibrary("dl")]),
    .target(name: "TimerWheel", swiftSettings: strict),
    .target(name: "Triggers", swiftSettings: strict),
    .target(name: "JSON", swiftSettings: strict),
    .target(name: "Permissions", swiftSettings: strict),
    .target(name: "LuaSyntax", swiftSettings: strict),
    .target(
      name: "PolicyFile", dependencies: ["LuaSyntax", "Permissions", "Triggers"],
      swiftSettings: strict),
    .target(name: "Crontab", dependencies: ["Permissions", "Triggers"], swiftSettings: strict),
    .target(name: "MoonwheelModel", dependencies: ["Triggers"], swiftSettings: strict),
    .target(
      name: "SchedulerCore", dependencies: ["MoonwheelModel", "TimerWheel", "Triggers"],
      swiftSettings: strict),
    .target(name: "SystemCalls", dependencies: ["CLinux"], swiftSettings: strict),
    .target(name: "WorkerPool", dependencies: ["SystemCalls", heap], swiftSettings: strict),
    .target(
      name: "SystemIO", dependencies: ["COutside", "SystemCalls", "WorkerPool", heap],
      swiftSettings: strict),
    .target(
      name: "Transfers",
      dependencies: ["CCurl", "Permissions", "SystemCalls", "SystemIO", deque],
      swiftSettings: strict),
    .target(
      name: "FileWatching", dependencies: ["SystemCalls", "WorkerPool"], swiftSettings: strict),
    .target(
      name: "SystemZones", dependencies: ["SystemCalls", "Triggers"], swiftSettings: strict),
    .target(
      name: "LuaRuntime", dependencies: ["CLuaBridge", "MoonwheelModel", "SchedulerCore"],
      swiftSettings: strict),
    .target(
      name: "JobStore",
      dependencies: ["MoonwheelModel", "SystemCalls", "Triggers", "WorkerPool", deque, metrics],
      swiftSettings: strict),
    .target(
      name: "JobHistory", dependencies: ["JobStore", "MoonwheelModel", "SystemZones", "Triggers"],
      swiftSettings: strict),
    .target(
      name: "SQLiteJobStore",
      dependencies: [
        "JobStore", "MoonwheelModel", "SystemCalls", "Triggers", database, databaseInC,
      ],
      swiftSettings: strict),
    .target(
      name: "JobStoreConformance",
      dependencies: ["JobStore", "MoonwheelModel", "Triggers"],
      swiftSettings: strict),
    .target(
      name: "Stdlib", path: "stdlib",
      resources: [.embedInCode("moonwheel"), .embedInCode("library")], swiftSettings: strict),
    .target(
      name: "ScriptHost",
      dependencies: [
        "JobStore", "LuaRuntime", "LuaSyntax", "MoonwheelModel", "Permissions", "SchedulerCore",
        "Stdlib", "SystemCalls", "SystemZones", "Triggers", "WorkerPool", deque, log,
      ],
      swiftSettings: strict),
    .target(
      name: "ModuleKit",
      dependencies: ["LuaRuntime", "MoonwheelModel", "Permissions", "ScriptHost"],
      swiftSettings: strict),
    .target(
      name: "StandardModules",
      dependencies: [
        "JobStore", "LuaRuntime", "ModuleKit", "MoonwheelModel", "Permissions", "ScriptHost",
        "Stdlib",
        "SystemCalls", "SystemIO", "Transfers", "Triggers", "WorkerPool",
      ],
      swiftSettings: strict),
    .target(
      name: "SchedulerEngine",
      dependencies: [
        "FileWatching", "JobStore", "LuaRuntime", "MoonwheelModel", "SchedulerCore", "ScriptHost",
        "StandardModules", "Stdlib", "SystemCalls", "SystemZones", "Triggers", "WorkerPool", log,
        metrics,
      ],
      swiftSettings: strict),
    .target(
      name: "Moonwheel",
      dependencies: [
        "FileWatching", "JobHistory", "JobStore", "LuaRuntime", "LuaSyntax", "MoonwheelModel",
        "Permissions", "PolicyFile", "SchedulerCore", "SchedulerEngine", "ScriptHost",
        "SystemCalls",
        "SystemZones", "Triggers", "WorkerPool", log, metrics, lifecycle,
      ],
      swiftSettings: strict),
    .target(
      name: "MoonwheelSimulation",
      dependencies: [
        "FileWatching", "JobStore", "LuaRuntime", "MoonwheelModel", "SchedulerCore",
        "SchedulerEngine", "ScriptHost", "Stdlib", "SystemCalls", "Triggers", "WorkerPool", log,
      ],
      swiftSettings: strict),
    .target(
      name: "MoonwheelTesting",
      dependencies: ["Moonwheel", "MoonwheelSimulation", "SystemCalls", "WorkerPool", log],
      swiftSettings: strict),
    .target(
      name: "MoonwheelReports",
      dependencies: [
        "JSON", "JobHistory", "JobStore", "Moonwheel", "MoonwheelModel", "MoonwheelSimulation",
        "Permissions", "Triggers", log,
      ],
      swiftSettings: strict),
    // Not "moonwheel", as its product: the folder would differ from that of the library by case alone.
    .executableTarget(
      name: "MoonwheelCLI",
      dependencies: [
        "Crontab", "FileWatching", "JSON", "JobHistory", "Moonwheel", "MoonwheelReports",
        "MoonwheelSimulation", "Permissions", "PolicyFile", "SQLiteJobStore", "Stdlib",
        "SystemCalls", "SystemIO", "WorkerPool", arguments, log,
      ],
      resources: [.embedInCode("Templates")], swiftSettings: strict),
    .executableTarget(
      name: "Embedding", dependencies: ["Moonwheel"], path: "Examples/Embedding",
      exclude: ["scripts"], swiftSettings: strict),
    .executableTarget(
      name: "Shell", dependencies: ["Moonwheel"], path: "Examples/Shell",
      exclude: ["scripts"], swiftSettings: strict),
    .testTarget(name: "ArchitectureTests", dependencies: [], swiftSettings: strict),
    .testTarget(name: "JSONTests", dependencies: ["JSON"], swiftSettings: strict),
    .testTarget(name: "LuaSyntaxTests", dependencies: ["LuaSyntax"], swiftSettings: strict),
    .testTarget(name: "PermissionsTests", dependencies: ["Permissions"], swiftSettings: strict),
    .testTarget(
      name: "PolicyFileTests", dependencies: ["Permissions", "PolicyFile"], swiftSettings: strict),
    .testTarget(name: "CrontabTests", dependencies: ["Crontab"], swiftSettings: strict),
    .testTarget(
      name: "TimerWheelTests", dependencies: ["TestSupport", "TimerWheel"], swiftSettings: strict),
    .testTarget(
      name: "TriggersTests", dependencies: ["TestSupport", "Triggers"], swiftSettings: strict),
    .testTarget(
      name: "MoonwheelModelTests", dependencies: ["MoonwheelModel"], swiftSettings: strict),
    .testTarget(
      name: "SchedulerCoreTests",
      dependencies: [
        "JobStore", "JobStoreConformance", "MoonwheelModel", "PolicyCases", "SchedulerCore",
        "TestSupport", "Triggers",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "JobStoreTests",
      dependencies: [
        "JobStore", "JobStoreConformance", "MoonwheelModel", "TestSupport", "Triggers",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "SQLiteJobStoreTests",
      dependencies: [
        "SQLiteJobStore", "JobStore", "JobStoreConformance", "MoonwheelModel", "TestSupport",
        "Triggers", database,
      ],
      swiftSettings: strict),
    .target(
      name: "TestSupport", dependencies: ["SystemCalls", "Triggers", "WorkerPool"],
      path: "Tests/TestSupport", swiftSettings: strict),
    .target(
      name: "TestServices", dependencies: ["SystemCalls", "TestSupport"],
      path: "Tests/TestServices", swiftSettings: strict),
    .target(
      name: "ToyModule", dependencies: ["ModuleKit"], path: "Tests/ToyModule",
      swiftSettings: strict),
    .testTarget(
      name: "ModuleKitTests",
      dependencies: [
        "Layers", "ModuleKit", "Moonwheel", "MoonwheelSimulation", "MoonwheelTesting",
        "SQLiteJobStore", "TestSupport", "ToyModule",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "StandardModulesTests",
      dependencies: [
        "JobStore", "Layers", "LuaRuntime", "ModuleKit", "Moonwheel", "MoonwheelSimulation",
        "MoonwheelTesting", "Permissions", "SQLiteJobStore", "ScriptHost", "StandardModules",
        "SystemCalls", "SystemIO", "TestServices", "TestSupport", "Transfers", "WorkerPool",
      ],
      swiftSettings: strict),
    .target(
      name: "Layers",
      dependencies: [
        "FileWatching", "JobStore", "LuaRuntime", "MoonwheelModel", "SchedulerCore",
        "SchedulerEngine", "ScriptHost", "SystemCalls", "SystemZones", "Triggers", "WorkerPool",
      ],
      path: "Tests/Layers", swiftSettings: strict),
    .target(
      name: "PolicyCases", dependencies: ["MoonwheelModel"], path: "Tests/PolicyCases",
      swiftSettings: strict),
    .target(
      name: "HistorySamples", dependencies: ["JobStore", "MoonwheelModel", "Triggers"],
      path: "Tests/HistorySamples", swiftSettings: strict),
    .testTarget(
      name: "SystemCallsTests", dependencies: ["SystemCalls", "TestSupport", "WorkerPool"],
      swiftSettings: strict),
    .testTarget(
      name: "WorkerPoolTests", dependencies: ["SystemCalls", "WorkerPool"], swiftSettings: strict),
    .testTarget(
      name: "FileWatchingTests",
      dependencies: ["FileWatching", "SystemCalls", "TestSupport", "WorkerPool"],
      swiftSettings: strict),
    .testTarget(
      name: "SystemIOTests",
      dependencies: ["COutside", "SystemCalls", "SystemIO", "TestSupport", "WorkerPool"],
      swiftSettings: strict),
    .testTarget(
      name: "TransfersTests",
      dependencies: [
        "SystemCalls", "SystemIO", "TestServices", "TestSupport", "Transfers", "WorkerPool",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "SystemZonesTests", dependencies: ["SystemZones", "TestSupport", "Triggers"],
      swiftSettings: strict),
    .testTarget(
      name: "LuaRuntimeTests",
      dependencies: [
        "JSON", "LuaRuntime", "MoonwheelModel", "SchedulerCore", "Stdlib", "SystemCalls",
        "TestSupport", "WorkerPool",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "ScriptHostTests", dependencies: ["MoonwheelModel", "SchedulerCore", "ScriptHost"],
      swiftSettings: strict),
    .testTarget(
      name: "SchedulerEngineTests",
      dependencies: [
        "Layers", "Moonwheel", "MoonwheelTesting", "SchedulerCore", "SchedulerEngine",
        "TestSupport",
        "Triggers", "WorkerPool",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "MoonwheelTests",
      dependencies: [
        "Layers", "Embedding", "Shell", "JobStoreConformance", "Moonwheel", "MoonwheelSimulation",
        "MoonwheelTesting",
        "PolicyCases", "SQLiteJobStore", "SystemCalls", "TestSupport", metrics, metricsTesting,
      ],
      swiftSettings: strict),
    .testTarget(
      name: "MoonwheelSimulationTests",
      dependencies: [
        "Layers", "Moonwheel", "MoonwheelSimulation", "MoonwheelTesting", "TestSupport",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "MoonwheelTestingTests",
      dependencies: ["Layers", "Moonwheel", "MoonwheelSimulation", "MoonwheelTesting"],
      swiftSettings: strict),
    .testTarget(
      name: "MoonwheelReportsTests",
      dependencies: [
        "Layers", "HistorySamples", "JSON", "JobHistory", "Moonwheel", "MoonwheelReports",
        "MoonwheelSimulation",
        log,
      ],
      swiftSettings: strict),
    .testTarget(
      name: "CommandLineTests",
      dependencies: [
        "Layers", "HistorySamples", "Moonwheel", "MoonwheelCLI", "Permissions", "SQLiteJobStore",
        "SystemCalls",
        "TestServices", "TestSupport", "WorkerPool", log,
      ],
      exclude: ["EndToEnd/faked_clock.c"], swiftSettings: strict),
  ]
)
