import Testing

@testable import PolicyFile

@Suite struct ScriptGlobTests {
  @Test(arguments: [
    ("poll.lua", ["poll.lua"], ["a/poll.lua", "poll.lua2", "pollxlua", ""]),
    ("*", ["poll.lua", "a/b/poll.lua"], []),
    ("*.lua", ["poll.lua", ".lua"], ["a/poll.lua"]),
    ("reports/*.lua", ["reports/a.lua"], ["reports/a/b.lua", "reports.lua", "xreports/a.lua"]),
    ("reports/**", ["reports/a.lua", "reports/a/b.lua"], ["reports", "report/a.lua"]),
    ("**/a.lua", ["a.lua", "x/a.lua", "x/y/a.lua"], ["ba.lua", "x/ba.lua", "a.lua/b"]),
    ("x/**/a.lua", ["x/a.lua", "x/y/a.lua", "x/y/z/a.lua"], ["xa.lua", "x/ya.lua"]),
    ("a**b", ["ab", "a/b", "axxb"], ["a", "b"]),
    ("?.lua", ["a.lua", "é.lua", "🌕.lua"], ["ab.lua", "/.lua", ".lua", "éé.lua"]),
    ("a?", ["aé"], ["a", "aéé", "a/"]),
    ("\\*.lua", ["*.lua"], ["a.lua"]),
    ("[a].lua", ["[a].lua"], ["a.lua"]),
  ])
  func `a pattern matches`(pattern: String, matched: [String], others: [String]) {
    let glob = ScriptGlob(pattern)
    for name in matched { #expect(glob.matches(name), "\(name)") }
    for name in others { #expect(!glob.matches(name), "\(name)") }
  }

  @Test(arguments: ["poll.lua", "a*b?.lua", "back\\slash.lua", "**/x.lua", "é \"q\".lua"])
  func `the pattern of a name matches that name alone`(name: String) {
    let glob = ScriptGlob(name: name)
    #expect(glob.matches(name))
    #expect(glob.name == name)
    #expect(!glob.matches("x" + name))
  }

  @Test func `a pattern of many stars takes no time`() {
    let glob = ScriptGlob(String(repeating: "*a", count: 500))
    #expect(!glob.matches(String(repeating: "a", count: 4_000) + "b"))
  }
}
