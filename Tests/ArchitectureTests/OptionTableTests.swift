import Foundation
import Testing

/// Holds the tables in CONTRIBUTING.md that lead from each option of a job, and from each behaviour, to a file.
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

  /// The rows of the first table: the options of each.
  private static func rows() throws -> [[String]] {
    let page = try text("CONTRIBUTING.md")
    let table = try #require(page.firstMatch(of: /\| option of a job \|(?:.*\n)+?\n/))
    return String(table.0)
      .matches(of: /\| ((?:`\w+`(?:, )?)+) \| `\w+\/[\w\/+]+\.\w+`[^|]*\|/)
      .map { row in row.1.matches(of: /`(\w+)`/).map { String($0.1) } }
  }

  @Test func `every option has its row, and no row is of an unknown option`() throws {
    let listed = try Self.rows().flatMap { $0 }
    let options = try Self.options()
    #expect(options.count > 30)
    let missing = options.subtracting(listed).sorted()
    #expect(missing.isEmpty, "add a row to \"From a behaviour to its code\" in CONTRIBUTING.md")
    let unknown = Set(listed).subtracting(options).sorted()
    #expect(unknown.isEmpty, "take these rows out of CONTRIBUTING.md")
    #expect(listed.count == Set(listed).count, "an option has two rows in CONTRIBUTING.md")
  }

  @Test func `every file that a table names exists`() throws {
    let files = try Self.text("CONTRIBUTING.md").matches(
      of: /`([A-Z]\w+\/[\w\/+]+\.(?:swift|c|h))`/
    )
    .map { String($0.1) }
    #expect(files.count > 50)
    for file in files {
      let place = file.hasPrefix("Tests/") ? file : "Sources/\(file)"
      let path = Repository.root.appending(path: place).path
      #expect(FileManager.default.fileExists(atPath: path), "\(place)")
    }
  }
}
