import Foundation
import Testing

/// Holds `docs/options.md` and `docs/words.md` against the stubs, and the options of the stubs against the code. `make docs`
/// sets `MOONWHEEL_WRITE_DOCS`, and then this writes the pages.
@Suite(.serialized) struct ReferencePageTests {
  private static func url(_ path: String) -> URL { Repository.root.appending(path: path) }

  private static func text(_ path: String) throws -> String {
    try String(contentsOf: url(path), encoding: .utf8)
  }

  private static func stubs() throws -> Stubs {
    let modules = ["slack", "webhook", "s3", "docker"]
    return Stubs(
      try (["moonwheel"] + modules).map { try text("stdlib/library/\($0).d.lua") }.joined())
  }

  @Test func `the pages of reference have what the stubs say`() throws {
    let writes = ProcessInfo.processInfo.environment["MOONWHEEL_WRITE_DOCS"] != nil
    for part in ReferencePages(stubs: try Self.stubs()).parts {
      var page = try Self.text(part.page)
      let begin = "<!-- \(part.name) -->"
      let end = "<!-- end of \(part.name) -->"
      let start = try #require(page.range(of: begin), "\(part.page) lacks \(begin)")
      let stop = try #require(page.range(of: end), "\(part.page) lacks \(end)")
      let isInline = !part.text.contains("\n")
      let wanted = isInline ? part.text : "\n\n\(part.text)\n\n"
      let found = String(page[start.upperBound..<stop.lowerBound])
      if writes {
        page.replaceSubrange(start.upperBound..<stop.lowerBound, with: wanted)
        try page.write(to: Self.url(part.page), atomically: true, encoding: .utf8)
      } else {
        #expect(
          found == wanted, "\(part.page): \(part.name) differs from the stubs; run `make docs`")
      }
    }
  }

  private static func names(in list: String, of path: String) throws -> Set<String> {
    let code = try text(path)
    let start = try #require(code.range(of: "let \(list): Set<String> = ["))
    let body = code[start.upperBound...].prefix { $0 != "]" }
    return Set(body.matches(of: /"(\w+)"/).map { String($0.1) })
  }

  @Test func `the stubs have the options that the code takes`() throws {
    let stubs = try Self.stubs()
    let reader = "Sources/ScriptHost/API/OptionReader.swift"
    let known = try Self.names(in: "known", of: reader)
    let individual = try Self.names(in: "individual", of: reader)
    let retry = try Self.names(
      in: "parts", of: "Sources/ScriptHost/API/OptionReader+Durability.swift")
    func names(_ type: String) -> Set<String> {
      Set(stubs.fields(of: type).filter { !$0.isDeprecated }.map(\.name))
    }
    #expect(known.count > 30)
    #expect(names("moonwheel.HandlerOptions") == known)
    #expect(names("moonwheel.Defaults") == known.subtracting(individual).union(["formerly"]))
    #expect(
      names("moonwheel.JobOptions").subtracting(names("moonwheel.Options")) == ["on", "run"])
    #expect(names("moonwheel.Retry") == retry)
  }

  @Test
  func `each option has a description, and each that can be left out a default or a condition`()
    throws
  {
    for field in try Self.stubs().fields(of: "moonwheel.HandlerOptions") {
      #expect(field.text.count > 10, "\(field.name)")
      #expect(field.isOptional, "\(field.name)")
    }
  }

  @Test func `stubs are read`() throws {
    let stubs = Stubs(
      """
      -- Words -----

      ---A length.
      ---@alias moonwheel.Length number|string

      ---A job.
      ---@class moonwheel.Job: moonwheel.Base
      ---Its name.
      ---@field name string
      ---@field after? fun(a: number): any when it ends
      local Job = {}

      ---Sends.
      ---
      ---```lua
      ---send("a")
      ---```
      ---@param name string what
      ---@return boolean? done or nil
      function send(name) end
      """)
    let items = try #require(stubs.sections.first).items
    #expect(items.map(\.name) == ["moonwheel.Length", "moonwheel.Job", "send"])
    #expect(items[0].kind == .alias("number|string") && items[0].text == ["A length."])
    #expect(items[1].kind == .type(parent: "moonwheel.Base") && items[1].table == "Job")
    #expect(
      items[1].fields == [
        Stubs.Field(name: "name", type: "string", text: "Its name."),
        Stubs.Field(
          name: "after", isOptional: true, type: "fun(a: number): any", text: "when it ends"),
      ])
    #expect(items[2].text == ["Sends.", "", "```lua", "send(\"a\")", "```"])
    #expect(items[2].results == [Stubs.Field(name: "", type: "boolean?", text: "done or nil")])
  }
}
