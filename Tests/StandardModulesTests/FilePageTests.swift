import Layers
import Moonwheel
import MoonwheelSimulation
import MoonwheelTesting
import TestSupport
import Testing

/// Holds `docs/fs.md` against the program.
@Suite struct FilePageTests {
  private static let root = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()

  private static func page() throws -> String {
    String(decoding: try RegularFile.read("\(root)/docs/fs.md", atMost: 1 << 20), as: UTF8.self)
  }

  private static func scripts() throws -> [String] {
    try page().matches(of: /(?ms)^```lua\n(.*?)^```$/).map { String($0.output.1) }
  }

  @Test func `each script on the page loads`() throws {
    let scripts = try Self.scripts()
    #expect(scripts.count == 6)
    var configuration = Configuration()
    configuration.permissions = .asked
    configuration.texts = scripts.enumerated().map { ("block-\($0.offset).lua", $0.element) }
    let inspection = try Inspection(configuration)
    #expect(inspection.errors.isEmpty, "\(inspection.errors)")
  }

  @Test func `the test on the page passes`() throws {
    let folder = try TemporaryFolder()
    var tests: [String] = []
    for script in try Self.scripts() {
      guard let line = script.split(separator: "\n").first,
        let name = line.wholeMatch(of: /-- ([a-z_]+\.lua)/)?.output.1
      else { continue }
      try folder.write(String(name), script)
      if name.hasSuffix("_test.lua") { tests.append(String(name)) }
    }
    #expect(tests == ["orders_test.lua"])
    for name in tests {
      let found = try ScriptTests(
        path: folder.path(name), root: folder.path, configuration: Configuration())
      #expect(found.all.map { $0.run(logger: LogRecorder().logger) } == [nil])
    }
  }

  @Test func `the page has each word and each code`() throws {
    let page = try Self.page()
    for word in [
      "read", "write", "append", "lines", "list", "stat", "exists", "mkdir", "remove", "rename",
      "copy", "tmp", "data",
    ] {
      #expect(page.contains("| `fs.\(word)"), "\(word)")
    }
    for code in [
      "denied", "missing", "exists", "is_dir", "not_dir", "not_file", "not_empty", "no_space",
      "too_large", "busy", "io",
    ] {
      #expect(page.contains("`\(code)`"), "\(code)")
    }
  }
}
