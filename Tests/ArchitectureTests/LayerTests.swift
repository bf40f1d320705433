import Testing

/// Holds the sources against the layer table.
struct LayerTests {
  @Test func `every file keeps to its layer`() throws {
    let files = try Repository.sources()
    #expect(files.count > Layer.table.count, "the sources were not found")
    for violation in files.flatMap({ Layer.violations(in: $0) }) {
      Issue.record("\(violation)")
    }
  }

  @Test func `a layer imports only layers below it`() {
    var below: Set<String> = []
    let all = Set(Layer.table.map(\.target))
    for layer in Layer.table {
      #expect(layer.imports.intersection(all).subtracting(below) == [], "\(layer.target)")
      below.insert(layer.target)
    }
  }

  @Test func `the package and the table have the same targets`() throws {
    let targets = Manifest.targets(try Repository.manifest())
    #expect(targets.sorted() == Layer.table.map(\.target).sorted())
  }

  @Test(arguments: Layer.table.compactMap(\.tests))
  func `a target has its tests`(folder: String) throws {
    #expect(Repository.hasTests(folder), "Tests/\(folder) holds no Swift file")
    let targets = Manifest.testTargets(try Repository.manifest())
    #expect(targets.contains(folder), "Package.swift has no testTarget \(folder)")
  }
}
