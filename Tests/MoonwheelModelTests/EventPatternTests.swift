import Testing

@testable import MoonwheelModel

@Suite struct EventPatternTests {
  @Test(arguments: [
    ("order.new", "order.new", true), ("order.new", "order.old", false),
    ("order.*", "order.new", true), ("order.*", "order", false), ("order.*", "order.a.b", false),
    ("order.**", "order.a.b", true), ("order.**", "order", true), ("**", "anything.at.all", true),
    ("**.end", "a.b.end", true), ("**.end", "a.b.endless", false), ("a | b.*", "b.c", true),
    ("a | b.*", "c", false), ("*.b.**.d", "a.b.c.c.d", true), ("*.b.**.d", "a.b.c.c", false),
  ])
  func `a pattern matches whole parts`(pattern: String, name: String, matches: Bool) throws {
    #expect(try EventPattern(pattern).matches(name) == matches)
  }

  @Test(arguments: ["", "a..b", ".a", "a.", "a*", "a | "])
  func `a pattern with empty or mixed parts is refused`(pattern: String) {
    #expect(throws: PatternError.self) { try EventPattern(pattern) }
  }

  @Test func `a match with many double stars is fast`() throws {
    let pattern = try EventPattern(
      Array(repeating: "**.a", count: 30).joined(separator: ".") + ".b")
    #expect(!pattern.matches(Array(repeating: "a", count: 120).joined(separator: ".")))
  }
}
