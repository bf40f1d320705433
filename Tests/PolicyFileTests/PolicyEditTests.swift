import Permissions
import Testing

@testable import PolicyFile

@Suite struct PolicyEditTests {
  private func edit(
    _ text: String?, _ scripts: (name: String, entries: PermissionSet)...
  ) throws -> (text: String, changes: [PolicyEdit.Change]) {
    let edit = try PolicyEdit(text.map { Array($0.utf8) }, granting: scripts)
    return (String(decoding: edit.text, as: UTF8.self), edit.changes)
  }

  @Test func `a new policy has a heading that is read`() throws {
    let (text, changes) = try edit(nil, ("a \"b\".lua", [.net: ["x"], .run: ["git", "pg\\dump"]]))
    #expect(text.hasPrefix("-- What the scripts"))
    let policy = try Policy(reading: Array(text.utf8))
    #expect(policy.rules.count == 1)
    #expect(policy.entries(.allow, of: "a \"b\".lua") == [.net: ["x"], .run: ["git", "pg\\dump"]])
    #expect(changes.map(\.line) == [policy.rules[0].line])
  }

  @Test func `the line of a script is replaced, and all else stays`() throws {
    let before = """
      -- first
      allow("a.lua", {
        net = { "x" },  -- inside
      }) -- after
      allow("b.lua", { net = { "x" } }) allow("a.lua", { kv = { "y" } })

      -- last
      """
    let (text, changes) = try edit(before, ("a.lua", [.run: ["git"]]), ("c.lua", [.env: ["E"]]))
    #expect(
      text == """
        -- first
        allow("a.lua", { run = { "git" } }) -- after
        allow("b.lua", { net = { "x" } })\u{20}

        -- last
        allow("c.lua", { env = { "E" } })

        """)
    #expect(changes.count == 3)
    #expect(changes.map(\.line) == [2, 5, 6])
  }

  @Test func `what is as asked is not changed`() throws {
    let before = "allow('a.lua', {\n net = {'x'} })"
    let (text, changes) = try edit(before, ("a.lua", [.net: ["x"]]), ("b.lua", [:]))
    #expect(text == before)
    #expect(changes.isEmpty)
  }

  @Test func `a script that asks for nothing loses its line`() throws {
    let (text, changes) = try edit(
      "-- 1\n  allow('a.lua', { net = { 'x' } });\n-- 2\n", ("a.lua", [:]))
    #expect(text == "-- 1\n-- 2\n")
    #expect(changes == [.init(line: 2, old: "allow('a.lua', { net = { 'x' } })", new: nil)])
  }

  @Test func `a pattern is not the line of a script`() throws {
    let (text, _) = try edit("allow('*.lua', { net = { 'x' } })", ("a.lua", [.net: ["y"]]))
    #expect(text == "allow('*.lua', { net = { 'x' } })\nallow(\"a.lua\", { net = { \"y\" } })\n")
  }

  @Test func `a byte order mark keeps its place`() throws {
    let mark = "\u{FEFF}"
    let (text, _) = try edit(mark + "allow('a', { net = { 'x' } })\n", ("a", [.net: ["y"]]))
    #expect(text == mark + "allow(\"a\", { net = { \"y\" } })\n")
  }

  @Test func `a policy with a mistake is not edited`() {
    #expect(throws: PolicyError.self) { _ = try edit("allow(", ("a.lua", [.net: ["x"]])) }
  }
}
