import Foundation
import Testing

/// Holds the table in CONTRIBUTING.md that leads from each option of a job to the file that implements it.
struct OptionTableTests {
  private static func text(_ path: String) throws -> String {
    try String(contentsOf: Repository.root.appending(path: path), encoding: .utf8)
  }

  /// The options that the Lua API takes, as the code lists them.
  private static func options() throws -> Set<String> {
    let code = try text("Sources/ScriptHost/API/OptionReader.swift")
    let list = try #require(code.firstMatch(of: /known: Set<String> = \[([^\]]*)\]/))
    return Set(list.1.matches(of: /"(\w+)"/).map { String($0.1) })
  }

  /// The rows of the table: options and file.
  private static func rows() throws -> [(options: [String], file: String)] {
    try text("CONTRIBUTING.md").matches(of: /\| ((?:`\w+`(?:, )?)+) \| `(\w+\/[\w\/+]+\.swift)` \|/)
      .map { row in (row.1.matches(of: /`(\w+)`/).map { String($0.1) }, String(row.2)) }
  }

  @Test func `every option has its row, and no row is of an unknown option`() throws {
    let listed = try Self.rows().flatMap(\.options)
    let options = try Self.options()
    #expect(options.count > 30)
    #expect(Set(listed) == options)
    #expect(listed.count == options.count, "an option has two rows")
  }

  @Test func `every file of the table exists`() throws {
    for (options, file) in try Self.rows() {
      let path = Repository.root.appending(path: "Sources/\(file)").path
      #expect(FileManager.default.fileExists(atPath: path), "\(options): \(file)")
    }
  }
}
