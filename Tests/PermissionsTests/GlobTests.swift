import Testing

@testable import Permissions

struct GlobTests {
  @Test(arguments: [
    ("a", "a", true), ("a", "b", false), ("*", "", true), ("a*", "abc", true), ("a*", "ba", false),
    ("*a", "ba", true), ("a*c", "abbc", true), ("a*c", "abbd", false), ("a*b*c", "aXbYc", true),
    ("SHOP_*", "SHOP_", true), ("shop.*", "shop", false), ("", "", true), ("", "a", false),
    ("*@example.org", "ann@example.org", true), ("**", "x", true), ("a?", "ab", false),
  ])
  func `a star stands for any text`(pattern: String, text: String, isMatch: Bool) {
    #expect(Glob(pattern).matches(text) == isMatch)
  }

  @Test(arguments: [
    ("shop.*", "shop.a.*", true), ("shop.*", "shop.*", true), ("shop.a", "shop.*", false),
    ("*", "*", true), ("a*", "*", false), ("a*c", "ab*c", true), ("a*c", "a*", false),
  ])
  func `a pattern covers narrower ones`(wide: String, narrow: String, isCovered: Bool) {
    #expect(Glob(wide).covers(Glob(narrow)) == isCovered)
  }

  @Test func `a hostile pattern takes no time`() {
    let pattern = Glob(String(repeating: "*a", count: 500))
    #expect(!pattern.matches(String(repeating: "a", count: 10_000) + "b"))
  }
}
