// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
]

// Benchmarks look below the public face of the library, which is all that one package may see of another. The compiler
// counts that as unsafe, so it does not check the rest for memory safety.
let inside: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
  .unsafeFlags(["-Xfrontend", "-disable-access-control"]),
]

let moonwheel = Target.Dependency.product(name: "Moonwheel", package: "moonwheel")

let sqlite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let program = Target.Dependency.product(name: "moonwheel", package: "moonwheel")
let simulation = Target.Dependency.product(name: "MoonwheelSimulation", package: "moonwheel")
let sqliteJobStore = Target.Dependency.product(name: "SQLiteJobStore", package: "moonwheel")

func benchmark(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .executableTarget(name: name, dependencies: [moonwheel] + dependencies, swiftSettings: inside)
}

let package = Package(
  name: "Benchmarks",
  dependencies: [
    .package(name: "moonwheel", path: ".."),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
  ],
  targets: [
    .systemLibrary(name: "CMalloc"),
    .systemLibrary(name: "CStockLua", pkgConfig: "moonwheel-lua"),
    .target(
      name: "StockLua", dependencies: ["CStockLua"],
      linkerSettings: [
        .linkedLibrary(":liblua5.4.a"), .linkedLibrary("m"), .linkedLibrary("dl"),
      ]),
    .target(name: "BareCron"),
    .executableTarget(
      name: "FireLimit", dependencies: ["CStockLua"],
      cSettings: [.enableWarning("all"), .enableWarning("extra"), .treatAllWarnings(as: .error)],
      linkerSettings: [
        // Nothing of Swift's runtime, which would be linked into programs of C too.
        .unsafeFlags(["-nostartfiles", "-Xlinker", "--as-needed"]),
        .linkedLibrary(":liblua5.4.a"), .linkedLibrary("m"), .linkedLibrary("dl"),
      ]),
    .target(
      name: "BenchmarkSupport", dependencies: [moonwheel, "CMalloc"], swiftSettings: inside),
    benchmark("WheelBenchmark", []),
    benchmark("SpawnBenchmark", []),
    benchmark("HTTPBenchmark", ["BenchmarkSupport"]),
    benchmark("NextBenchmark", ["BenchmarkSupport", "BareCron"]),
    benchmark("SpeedBenchmark", ["BenchmarkSupport", "FireLimit", program]),
    benchmark("DurabilityBenchmark", ["BenchmarkSupport", sqliteJobStore, sqlite]),
    benchmark("StoreBenchmark", ["BenchmarkSupport", sqliteJobStore, sqlite]),
    benchmark("SimulationBenchmark", ["BenchmarkSupport", simulation]),
    benchmark("LuaSpeedBenchmark", ["BenchmarkSupport", "StockLua"]),
    benchmark("JSONBenchmark", ["BenchmarkSupport"]),
  ]
)
