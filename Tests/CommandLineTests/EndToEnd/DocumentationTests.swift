import Glibc
import Moonwheel
import Testing
import Triggers

/// Checks the README and `docs/` against the program.
@Suite struct DocumentationTests {
  private static let pages = [
    "README.md", "CONTRIBUTING.md", "docs/writing-jobs.md", "docs/containment.md",
    "docs/embedding.md", "docs/operating.md", "docs/architecture.md", "docs/simulation.md",
    "docs/testing.md", "docs/durability.md", "docs/performance.md", "docs/benchmarks.md",
    "docs/options.md", "docs/command-line.md", "docs/not-for.md", "docs/coming-from.md",
    "docs/coming-from-cron.md",
    "docs/triggers.md", "docs/json.md", "docs/hash.md", "docs/permissions.md", "docs/kv.md",
    "docs/fs.md", "docs/sh.md", "docs/ssh.md", "docs/services.md", "docs/http.md",
    "CHANGELOG.md",
  ]
  /// Its examples are pieces of scripts.
  private static let pagesOfPieces = ["docs/words.md"]

  private static let root = #filePath.split(separator: "/").dropLast(4).map { "/" + $0 }.joined()

  @Test(arguments: pages)
  func `each script on a page loads`(page: String) throws {
    let scripts = Self.blocks(of: "lua", in: try Self.text(page))
    guard !scripts.isEmpty else { return }
    let folder = try ScriptFolder()
    for (index, script) in scripts.enumerated() {
      try folder.write("block-\(index + 1).lua", script)
    }
    let outcome = try moonwheel("check", "--allow-asked", folder.path)
    #expect(outcome.code == 0, "\(page): \(outcome.log)")
  }

  @Test(arguments: pages + pagesOfPieces)
  func `each link of a page has a target`(page: String) throws {
    let folder = page.split(separator: "/").dropLast().map { $0 + "/" }.joined()
    let text = try Self.text(page)
    for link in text.matches(of: /\]\(([^)#]*)(?:#([^)]+))?\)/).map(\.output)
    where !link.1.hasPrefix("https://") {
      #expect(unsafe access("\(Self.root)/\(folder)\(link.1)", R_OK) == 0, "\(page): \(link.1)")
      guard let anchor = link.2 else { continue }
      let target = link.1.isEmpty ? text : try Self.text(folder + link.1)
      let headings = target.matches(of: /(?m)^#+\s(.+)$/).map { Self.anchor(String($0.output.1)) }
      #expect(headings.contains(String(anchor)), "\(page): \(link.1)#\(anchor)")
    }
  }

  /// The name under which a link finds a heading.
  private static func anchor(_ heading: String) -> String {
    heading.lowercased().compactMap { character in
      if character == " " { return "-" }
      return character.isLetter || character.isNumber || "-_".contains(character)
        ? String(character) : nil
    }.joined()
  }

  @Test(arguments: [("swift", "Embedding.swift"), ("lua", "scripts/shop.lua")])
  func `the example in the README is the one that is built`(language: String, file: String) throws {
    let blocks = Self.blocks(of: language, in: try Self.text("README.md"))
    #expect(blocks.contains(try Self.text("Examples/Embedding/\(file)")))
  }

  @Test func `each text of every means what the page says`() throws {
    let page = try Self.text("docs/triggers.md")
    let rows = page.matches(of: /(?m)^\| `(.+?)` \| (.+?) \|$/)
    #expect(rows.count > 30)
    let options = TriggerOptions(zone: .utc, latitude: 52.5, longitude: 13.4)
    for row in rows {
      let words = try Trigger.every(String(row.1), options).words
      #expect(words == String(row.2) || words == row.2 + ", UTC", "\(row.1)")
    }
  }

  @Test func `the simulation in docs is a test that is built`() throws {
    let blocks = Self.blocks(of: "swift", in: try Self.text("docs/embedding.md"))
    let file = "Tests/MoonwheelTestingTests/SimulationExampleTests.swift"
    #expect(blocks.contains(try Self.text(file)))
  }

  @Test func `each test in docs, under the name in its first line, passes`() throws {
    let folder = try ScriptFolder()
    for script in Self.blocks(of: "lua", in: try Self.text("docs/testing.md")) {
      let line = try #require(script.split(separator: "\n").first)
      let name = try #require(line.wholeMatch(of: /-- ([a-z_]+\.lua)/)?.output.1)
      try folder.write(String(name), script)
    }
    let outcome = try moonwheel("test", folder.path)
    #expect(outcome.code == 0, "\(outcome.output)")
    #expect(outcome.lines.last?.hasPrefix("8 passed, 0 failed") == true)
  }

  @Test func `the policy in docs is one, and the page has each kind of permission`() throws {
    let page = try Self.text("docs/permissions.md")
    let policies = Self.blocks(of: "policy", in: page)
    #expect(policies.count == 1)
    let folder = try ScriptFolder(["poll.lua": "permissions { net = { \"api.example.com\" } }"])
    try folder.write("moonwheel.policy", try #require(policies.first))
    let outcome = try moonwheel("check", folder.path)
    #expect(outcome.output.contains("asks net api.example.com  granted by moonwheel.policy:3"))
    #expect(outcome.code == 0, "\(outcome.log)")
    for kind in PermissionKind.allCases { #expect(page.contains("\n| `\(kind)` |"), "\(kind)") }
  }

  @Test func `the page of the command line has each command with each of its flags`() throws {
    let page = try Self.text("docs/command-line.md")
    let help = try moonwheel("--help").output
    let list = try #require(help.split(separator: "SUBCOMMANDS:\n").last)
    let commands = list.matches(of: /(?m)^ {2}([a-z]+)\s/).map { String($0.output.1) }
    #expect(commands.count >= 11)
    for command in commands {
      let begin = try #require(page.firstRange(of: "\n## \(command)\n"), "\(command)")
      let rest = page[begin.upperBound...]
      let section = rest[..<(rest.firstRange(of: "\n## ")?.lowerBound ?? rest.endIndex)]
      #expect(page.contains("| [`\(command)"), "\(command) is not in the table")
      let flags = try moonwheel(command, "--help").output.matches(of: /(?m)^ {2}(--[a-z-]+|-n)/)
      for flag in Set(flags.map { String($0.output.1) }).subtracting(["--version"]) {
        let isNamed = section.contains("`\(flag)") || section.contains(" \(flag) ")
        #expect(isNamed, "\(command) \(flag)")
      }
    }
  }

  @Test func `the figures of the README are those of the page on performance`() throws {
    let readme = try Self.text("README.md")
    let measured = try Self.text("docs/performance.md")
    let begin = try #require(readme.firstRange(of: "| | Moonwheel | APScheduler 3 |\n"))
    let rows = readme[begin.upperBound...].prefix { $0 != "#" }.split(separator: "\n").dropFirst()
      .filter { $0.hasPrefix("|") }
    #expect(rows.count >= 8)
    for row in rows {
      let figures = row.split(separator: "|").dropFirst().joined(separator: " ")
        .matches(of: /[0-9][0-9.,]*/).map { String($0.output) }
      #expect(!figures.isEmpty, "\(row)")
      for figure in figures { #expect(measured.contains(" \(figure)"), "\(row): \(figure)") }
    }
  }

  @Test func `the pictures of the README show this version`() throws {
    let readme = try Self.text("README.md")
    for name in ["run", "why", "night"] {
      let picture = try Self.text("docs/pictures/\(name).svg")
      #expect(readme.contains("](docs/pictures/\(name).svg)"))
      #expect(picture.hasPrefix("<svg ") && picture.utf8.count < 20_000)
    }
    let version = try moonwheel("--version").output.prefix { $0 != "," }
    let shown = try Self.text("docs/pictures/run.svg").split(separator: "\u{a0}")
      .joined(separator: " ")
    #expect(shown.contains("\(version) runs"), "run \"make pictures\"")
  }

  private static func blocks(of language: String, in page: String) -> [String] {
    page.split(separator: "```" + language + "\n").dropFirst().compactMap { rest in
      rest.firstRange(of: "```").map { String(rest[..<$0.lowerBound]) }
    }
  }

  private static func text(_ path: String) throws -> String {
    let file = unsafe open("\(root)/\(path)", O_RDONLY)
    try #require(file >= 0, "\(path): errno \(errno)")
    defer { close(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = unsafe read(file, &buffer, buffer.count)
      try #require(count >= 0, "\(path): errno \(errno)")
      if count == 0 { return String(decoding: bytes, as: UTF8.self) }
      bytes += buffer.prefix(count)
    }
  }
}
