import Testing

@testable import Permissions

/// How entries are read, and how what is asked compares with what is granted.
struct PermissionSetTests {
  static let bad: [(PermissionKind, String, String)] = [
    (.net, "", "it is empty"),
    (.net, "http://api.example.com/v1?x", "write the host alone: \"api.example.com\""),
    (.net, "https://api.example.com:8443/", "write the host alone: \"api.example.com:8443\""),
    (.net, "ftp://a.example", "this is a URL"),
    (.net, "api.example.com/v1", "write the host alone, \"api.example.com\""),
    (.net, "ann@a.example", "there are no users in it"),
    (.net, "a.example:0", "a port is a number from 1 to 65535"),
    (.net, "a.example:65536", "a port is a number from 1 to 65535"),
    (.net, "a.example:http", "not \"http\""),
    (.net, "a.example:", "a port is a number"),
    (.net, "a.example privat", "only the word private may follow"),
    (.net, "a.example b.example", "only the word private may follow"),
    (.net, "a.*.example", "* only as its first part"),
    (.net, "*a.example", "* only as its first part"),
    (.net, "*.*.example", "* only as its first part"),
    (.net, "a..example", "a part between dots is empty"),
    (.net, ".example", "a part between dots is empty"),
    (.net, "2130706433", "write an address as four numbers"),
    (.net, "127.1", "write an address as four numbers"),
    (.net, "0x7f.1", "write an address as four numbers"),
    (.net, "0177.0.0.1", "write an address as four numbers"),
    (.net, "a.0x10", "write an address as four numbers"),
    (.net, "10.1.2.3/8", "bits after its first 8"),
    (.net, "10.0.0.0/33", "a network"),
    (.net, "[::1", "there is no ]"),
    (.net, "[::1]80", "only a port may follow ]"),
    (.net, "1::2::3", "this is no address"),
    (.net, "\u{FF11}.example", "xn--"),
    (.net, "e\u{301}.example", "xn--"),
    (.net, "a_b.example!", "a host has letters"),
    (.net, String(repeating: "a", count: 64) + ".example", "at most 63 characters"),
    (.net, String(repeating: "a.", count: 130) + "example", "at most 253 characters"),
    (.net, "a.example\u{0}", "a control character"),
    (.net, "a.example\n", "a control character"),
    (.read, "~/inbox", "~ means nothing here"),
    (.read, "inbox/*.csv", "there are no patterns of paths"),
    (.read, "in\u{0}box", "a control character"),
    (.write, "https://a.example", "this is a URL"),
    (.unix, "*", "there are no patterns of paths"),
    (.run, "git status", "name the program alone, which may get any arguments: \"git\""),
    (.run, "gi*", "name each program"),
    (.env, "A=b", "the name of the variable alone"),
    (.env, "$HOME", "the name of the variable alone"),
    (.secret, "A B", "a name has no spaces"),
    (.mail, "example.org", "\"*@example.org\""),
    (.kv, "self.a", "need no permission"),
    (.send, "", "it is empty"),
    (.secret, String(repeating: "x", count: 1_025), "more than 1024 bytes"),
  ]

  @Test(arguments: bad)
  func `a bad entry is named, with the remedy`(
    kind: PermissionKind, entry: String, remedy: String
  ) throws {
    let error = try #require(throws: EntryProblem.self) {
      try PermissionSet([kind: [entry == "x" ? "y" : entry]]).check()
    }
    #expect(error.description.hasPrefix("\(kind.rawValue)[1] = \""), "\(error)")
    #expect(error.description.contains(remedy), "\(error)")
    #expect(!error.description.unicodeScalars.contains { $0.value < 32 }, "\(error)")
  }

  static let covering: [(PermissionKind, String, String, Bool)] = [
    (.net, "a.example", "a.example", true), (.net, "A.example.", "a.example", true),
    (.net, "*.example", "a.example", true), (.net, "*.example", "*.b.example", true),
    (.net, "*.b.example", "*.example", false), (.net, "*.example", "example", false),
    (.net, "a.example", "*.a.example", false), (.net, "a.example", "a.example:80", false),
    (.net, "a.example:80", "a.example", false), (.net, "a.example:*", "a.example", true),
    (.net, "a.example:*", "a.example:*", true), (.net, "a.example:80", "a.example:*", false),
    (.net, "a.example", "a.example private", false), (.net, "a.example private", "a.example", true),
    (.net, "10.0.0.0/8", "10.1.0.0/16", true), (.net, "10.1.0.0/16", "10.0.0.0/8", false),
    (.net, "10.0.0.0/8", "10.0.0.1", true), (.net, "10.0.0.1", "10.0.0.1", true),
    (.net, "*", "a.example", true), (.net, "*", "*.example", true), (.net, "*", "10.0.0.1", false),
    (.net, "*", "8.8.8.8", true), (.net, "*", "8.0.0.0/8", false),
    (.net, "* private", "10.0.0.0/8", true), (.net, "a.example", "*", false),
    (.net, "10.0.0.0/8", "a.example", false), (.net, "fd00::/8", "fd00::1", true),
    (.net, "::/0", "10.0.0.1", false), (.net, "bücher.example", "xn--bcher-kva.example", true),
    (.read, "in", "in/a", true), (.read, "in", "in2", false), (.read, "/", "in", true),
    (.read, "in/a", "in", false), (.read, "/jobs/in", "in/a", true), (.read, "in/../x", "x", true),
    (.run, "git", "git", true), (.run, "*", "git", true), (.run, "git", "*", false),
    (.env, "A_*", "A_B", true), (.env, "A_*", "A_*", true), (.env, "A_B", "A_*", false),
    (.kv, "shop.*", "shop.a.*", true), (.mail, "*@a.example", "x@a.example", true),
  ]

  @Test(arguments: covering)
  func `a wider entry covers narrower ones`(
    kind: PermissionKind, wide: String, narrow: String, isCovered: Bool
  ) {
    let granted = PermissionSet([kind: ["never.matches/@x", wide].suffix(1)])
    #expect((granted.covering(kind, narrow, folder: "/jobs") != nil) == isCovered)
    let missing = PermissionSet([kind: [narrow]]).missing(in: granted, folder: "/jobs")
    #expect(missing == (isCovered ? [:] : [kind: [narrow]]))
  }

  @Test func `what may be written is granted to be read`() {
    let granted: PermissionSet = [.write: ["out"]]
    #expect(granted.covering(.read, "out/a", folder: "/jobs")?.kind == .write)
    #expect(
      PermissionSet([.write: ["out"]]).missing(in: [.read: ["out"]], folder: "/").kinds == [.write])
  }

  @Test func `all that is missing is named`() {
    let asked: PermissionSet = [
      .net: ["a.example", "b.example"], .run: ["git"], .read: ["in"],
    ]
    let missing = asked.missing(in: [.net: ["a.example"], .read: ["."]], folder: "/jobs")
    #expect(missing == [.net: ["b.example"], .run: ["git"]])
    #expect(missing.words == "net b.example; run git")
    #expect(missing.lua == "{ net = { \"b.example\" }, run = { \"git\" } }")
    #expect(
      asked.denied(by: [.net: ["*.example:80"], .run: ["*"]], folder: "/").words == "run git")
    #expect(asked.denied(by: [.net: ["*.example"]], folder: "/")[.net].count == 2)
  }

  static let remedies: [(PermissionKind, String, String, String)] = [
    (
      .net, "db.lan private",
      "connect to db.lan, which leads to a private or otherwise special address",
      "permissions { net = { \"db.lan private\" } }   and then run"
    ),
    (.net, "b.example", "connect to b.example", "permissions { net = { \"b.example\" } }"),
    (
      .net, "c.example", "connect to c.example",
      "The script asks for it, but it is not granted: run"
    ),
    (.net, "d.example", "connect to d.example", "A rule denies it"),
    (.read, "/jobs/in/a", "read in/a", "a link leads out, or"),
    (.read, "/etc/x", "read /etc/x", "permissions { read = { \"/etc/x\" } }"),
    (.write, "/jobs", "write .", "permissions { write = { \".\" } }"),
    (.run, "a\"b\n", "run a\"b\u{FFFD}", "permissions { run = { \"a\\\"b\u{FFFD}\" } }"),
    (.env, "HOME", "read the variable HOME of the environment", "env"),
    (.secret, "S", "have the secret S", "secret"), (.mail, "a@b", "send mail to a@b", "mail"),
    (.kv, "k", "use the key k", "kv"), (.unix, "/s", "connect to the socket /s", "unix"),
    (.send, "t", "send tasks to t", "send"),
    (.insecure, "h", "connect to h without checking who it is", "insecure"),
  ]

  @Test(arguments: remedies)
  func `a denial says what is missing, and what to do`(
    kind: PermissionKind, wanted: String, act: String, remedy: String
  ) {
    let asked: PermissionSet = [.net: ["db.lan", "c.example", "d.example"], .read: ["in"]]
    let grants = Grants(
      asked: asked, granted: [.net: ["db.lan", "d.example"], .read: ["in"]],
      denied: [.net: ["d.example"]], folder: "/jobs")
    let entry = grants.entry(kind, wanted)
    #expect(PermissionWords.refusal(kind, entry) == "this script may not \(act)")
    let words = PermissionWords.remedy(
      kind, entry, grants.standing(kind, wanted), grantBy: "run:  moonwheel allow a.lua")
    #expect(words.contains(remedy), "\(words)")
  }

  @Test func `a long text is cut`() {
    #expect(PermissionWords.shown(String(repeating: "x", count: 9_000)).utf8.count < 520)
  }

  @Test func `entries are quoted as Lua reads them`() {
    #expect(LuaQuote.quoted("a\"b\\c\n1\u{7F}") == #""a\"b\\c\0101\127""#)
    #expect(LuaQuote.quoted(String(repeating: "x", count: 50), most: 4) == "\"xxxx...\"")
  }

  @Test func `a set has bounds`() throws {
    let many: PermissionSet = [.env: (0...PermissionSet.most).map { "A\($0)" }]
    #expect(throws: EntryProblem.self) { try many.check() }
    #expect(PermissionSet([.net: []]).isEmpty && PermissionSet() == [:])
    let both = PermissionSet([.net: ["a"]]).union([.net: ["a", "b"], .run: ["c"]])
    #expect(both == [.net: ["a", "b"], .run: ["c"]])
  }
}
