import Permissions
import Testing

@testable import PolicyFile

@Suite struct PolicyReadingTests {
  @Test func `rules come with their lines`() throws {
    let policy = try Policy(
      reading: Array(
        """
        -- who may do what
        allow("poll.lua", { net = { "api.example.com", 'b.example' } })
        allow("reports/*.lua", {
          read = { [[in box]] }; ["run"] = { "pg_dump", };
        });
        deny("*", { net = { "169.254.0.0/16" } }) --[[ the
        end ]] allow("quoted\\"\\x2a.lua", { kv = "a\\046*" })
        """.utf8))
    #expect(policy.rules.map(\.line) == [2, 3, 6, 7])
    #expect(policy.rules.map(\.word) == [.allow, .allow, .deny, .allow])
    #expect(policy.entries(.allow, of: "poll.lua")[.net] == ["api.example.com", "b.example"])
    #expect(policy.entries(.allow, of: "reports/a.lua") == [.read: ["in box"], .run: ["pg_dump"]])
    #expect(policy.entries(.deny, of: "reports/a.lua") == [.net: ["169.254.0.0/16"]])
    #expect(policy.entries(.allow, of: "quoted\"*.lua") == [.kv: ["a.*"]])
    #expect(policy.entries(.allow, of: "other.lua").isEmpty)
  }

  @Test func `an empty policy, a byte order mark and other line ends are read`() throws {
    #expect(try Policy(reading: []).rules.isEmpty)
    let text = [0xEF, 0xBB, 0xBF] + Array("-- x\r\n\r\nallow('a', {run={'b'}})\r\n".utf8)
    #expect(try Policy(reading: text).rules.map(\.line) == [3])
  }

  @Test(arguments: [
    ("alow(\"a\", { net = { \"x\" } })", 1, "\"alow\": did you mean allow?"),
    ("\n\nallow(\"a\")", 3, "takes the scripts and what they may do"),
    ("allow(\"a\", { nett = { \"x\" } })", 1, "did you mean net?"),
    ("allow(\"a\", { telepathy = { \"x\" } })", 1, "there are net, read, write"),
    ("allow(\"a\", { optional = { net = { \"x\" } } })", 1, "optional is a word of scripts"),
    ("allow(\"a\", { net = 5 })", 1, "as in net = { \"5\" }"),
    ("allow(\"a\", { net = { \"http://x\" } })", 1, "net[1] = \"http://x\": "),
    ("allow(\"a\", { net = {\n 5 } })", 2, "texts in quotes, as in net = { \"5\" }"),
    ("allow(\"a\", { net = { x } })", 1, "as in \"x\""),
    ("allow(\"a\", { net = { \"x\" .. \"y\" } })", 1, "goes on with , or ends with }, not \"..\""),
    ("allow(\"a\", { net = { f() } })", 1, "f cannot stand here"),
    ("allow(\"a\", { \"net\" })", 1, "has a kind of permission before it"),
    ("allow(\"a\", { net = { \"x\" }, net = { \"y\" } })", 1, "net is there twice"),
    ("allow(\"a\", {})", 1, "names no permission"),
    ("allow(\"a\", { net = { \"\" } })", 1, "it is empty"),
    ("allow(\"a\", { net = { \"a\\0b\" } })", 1, "it has a control character"),
    ("allow(\"\", { net = { \"x\" } })", 1, "write \"*\" for all"),
    ("allow(\"/srv/a.lua\", { net = { \"x\" } })", 1, "begins in the folder of the policy"),
    ("allow(\"../a.lua\", { net = { \"x\" } })", 1, ".. leads nowhere"),
    ("local x = 1", 1, "here begins a word with parentheses"),
    ("allow \"a\"", 1, "after allow comes (, not \"\"a\"\""),
    ("allow(\"a\", { net = { \"x\" }", 1, "or ends with }, not the end of the file"),
    ("allow(\"a\", { net = { \"x\" } }", 1, "after the values of allow comes ), not the end"),
    ("\nallow(\"a, { net = 1 })", 2, "does not end"),
    ("allow(\"a\", { net = { \"\\q\" } })", 1, "the escape \\q is not read here"),
    ("allow(\"a\", { net = { \"\\255\" } })", 1, "do not make UTF-8"),
    ("allow(\"a\", {{{{{{{{{{{}}}}}}}}}}})", 1, "deeper in each other"),
    ("for i = 1, 2 do end", 1, "here begins a word"),
    ("x = 1", 1, "after x comes ("),
    ("allow(\"a\", { net = { \"x\" } })\0", 1, "here begins a word"),
  ])
  func `a mistake has a place and a remedy`(text: String, line: Int, message: String) {
    let error = #expect(throws: PolicyError.self) { _ = try Policy(reading: Array(text.utf8)) }
    #expect(error?.line == line)
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
  }

  @Test func `a text that is not UTF-8 is refused with its line`() {
    let text = Array("-- fine\n-- ".utf8) + [0xFF] + Array("\n".utf8)
    #expect(throws: PolicyError(line: 2, message: "this is not UTF-8: save the file as UTF-8")) {
      _ = try Policy(reading: text)
    }
  }
}
