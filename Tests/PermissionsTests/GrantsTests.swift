import Testing

@testable import Permissions

/// What a script may do that has asked for some entries, all of which are granted.
struct GrantsTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let kind: PermissionKind
    let asked: [String]
    var denied: [String] = []
    let yes: [String]
    let no: [String]

    var testDescription: String { "\(kind) \(asked) without \(denied)" }
  }

  static let names = [
    Case(
      kind: .net, asked: ["api.shop.example"],
      yes: ["api.shop.example", "API.Shop.Example", "api.shop.example."],
      no: [
        "shop.example", "x.api.shop.example", "api.shop.example:8080", "api.shop.example.evil.org",
        "api-shop.example", "apixshop.example", "api.shop.example..", "", ":80", "10.0.0.1",
        "http://api.shop.example", "user@api.shop.example", "api.shop.example/x",
      ]),
    Case(
      kind: .net, asked: ["*.s3.example"],
      yes: ["a.s3.example", "a.b.s3.example", "A.S3.example."],
      no: ["s3.example", "as3.example", ".s3.example", "a.s3.example:81", "s3.example.org"]),
    Case(
      kind: .net, asked: ["db.lan:5432 private"], yes: ["db.lan:5432", "db.lan:5432 private"],
      no: ["db.lan", "db.lan:5433", "10.0.0.1:5432"]),
    Case(
      kind: .net, asked: ["web.example:*"],
      yes: ["web.example", "web.example:1", "web.example:65535"], no: ["web.examples:1"]),
    Case(
      kind: .net, asked: ["127.0.0.1:9090"], yes: ["127.0.0.1:9090"],
      no: [
        "127.0.0.1", "127.1:9090", "2130706433:9090", "0x7f.1:9090", "0177.0.0.1:9090",
        "localhost:9090", "[::ffff:127.0.0.1]:9090", "127.0.0.1.:9090", "127.0.0.01:9090",
      ]),
    Case(
      kind: .net, asked: ["10.0.0.0/8:443"], yes: ["10.0.0.1:443", "10.255.255.255:443"],
      no: ["11.0.0.1:443", "10.0.0.1", "10.0.0.1:80", "ten.example:443", "[::ffff:10.0.0.1]:443"]),
    Case(
      kind: .net, asked: ["::1", "[fd00::/8]:80"],
      yes: ["::1", "[::1]", "[fd00::1]:80", "[FD12:3::4]:80", "0:0:0:0:0:0:0:1"],
      no: ["[::1]:80", "[fe00::1]:80", "fd00::1", "::2", "[::1"]),
    Case(
      kind: .net, asked: ["*"], yes: ["a.example", "8.8.8.8", "2606:4700::1111", "localhost"],
      no: ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "fd00::1", "a.example:8080"]),
    Case(
      kind: .net, asked: ["bücher.example"], yes: ["xn--bcher-kva.example", "BÜCHER.example"],
      no: ["bucher.example", "b\u{FC}cher.example:80", "bücher.example.org"]),
    Case(
      kind: .net, asked: ["*.example", "10.0.0.0/8"], denied: ["bad.example", "10.1.0.0/16"],
      yes: ["a.example", "10.2.0.1"],
      no: ["bad.example", "BAD.example.", "10.1.0.1", "10.1.255.255"]),
    Case(
      kind: .net, asked: ["a.example:*"], denied: ["a.example:22"], yes: ["a.example:80"],
      no: ["a.example:22"]),
    Case(
      kind: .net, asked: ["a.example:*"], denied: ["*"], yes: [], no: ["a.example", "a.example:80"]),
    Case(kind: .insecure, asked: ["old.lan"], yes: ["old.lan"], no: ["new.lan", "old.lan:444"]),
    Case(
      kind: .read, asked: ["inbox", "/etc/hostname"],
      yes: [
        "inbox", "inbox/a", "inbox/a/b.txt", "/jobs/inbox", "/jobs/inbox/x", "/etc/hostname",
        "inbox/../inbox/a", "/jobs/./inbox//a",
      ],
      no: [
        "inbox2", "inbo", "/jobs", "/etc", "/etc/hostname2", "../inbox", "inbox/../secret", "/", "",
        "/inbox",
      ]),
    Case(
      kind: .read, asked: ["/"], denied: ["/etc"], yes: ["/tmp/x", "/etcetera"],
      no: ["/etc", "/etc/passwd", "/tmp/../etc/x"]),
    Case(
      kind: .read, asked: ["."], yes: ["a", "b/c", "/jobs/d"], no: ["..", "/jobs2", "../jobs2/a"]),
    Case(
      kind: .unix, asked: ["/run/docker.sock"], yes: ["/run/docker.sock"],
      no: ["/run/docker.sock2", "/run"]),
    Case(
      kind: .run, asked: ["git", "/opt/x"], yes: ["git", "/opt/x"],
      no: ["gi", "git2", "/usr/bin/git", "./git", "/opt/x/y", "*", ""]),
    Case(
      kind: .run, asked: ["*"], denied: ["rm"], yes: ["git", "/bin/ls"],
      no: ["rm", "unconfined", "detach"]),
    Case(kind: .run, asked: ["unconfined"], yes: ["unconfined"], no: ["detach", "git"]),
    Case(
      kind: .env, asked: ["SHOP_*", "HOME"], yes: ["SHOP_", "SHOP_TOKEN", "HOME"],
      no: ["shop_token", "SHOP", "XSHOP_A", "HOME2", ""]),
    Case(kind: .env, asked: ["*"], denied: ["AWS_*"], yes: ["HOME"], no: ["AWS_KEY"]),
    Case(
      kind: .secret, asked: ["SHOP_TOKEN"], yes: ["SHOP_TOKEN"], no: ["SHOP_TOKEN2", "shop_token"]),
    Case(
      kind: .mail, asked: ["*@example.org", "ann@a.example"],
      yes: ["x@example.org", "ann@a.example"],
      no: ["x@example.org.evil", "x@sub.example.org", "bob@a.example", "example.org"]),
    Case(
      kind: .kv, asked: ["shop.*"], yes: ["shop.a", "shop.a.b", "self.x", "self."],
      no: ["shop", "shops.a", "self", "selfish.x", "*"]),
    Case(kind: .kv, asked: [], denied: ["*"], yes: ["self.x"], no: ["a"]),
    Case(kind: .send, asked: ["mail.*"], yes: ["mail.send"], no: ["mail", "sms.send"]),
  ]

  @Test(arguments: names)
  func `what is asked for is allowed, and nothing else`(_ sample: Case) {
    let set = PermissionSet([sample.kind: sample.asked])
    let grants = Grants(
      asked: set, granted: set, denied: PermissionSet([sample.kind: sample.denied]),
      folder: "/jobs")
    for wanted in sample.yes {
      #expect(grants.allows(sample.kind, wanted), "\(wanted) must be allowed")
    }
    for wanted in sample.no {
      #expect(!grants.allows(sample.kind, wanted), "\(wanted) must not be allowed")
    }
    let others = PermissionKind.allCases.filter { $0 != sample.kind && $0 != .read }
    for kind in others {
      for wanted in sample.yes where kind != .kv {
        #expect(!grants.allows(kind, wanted), "\(wanted) must not be allowed for \(kind)")
      }
    }
  }

  struct Address: Sendable, CustomTestStringConvertible {
    let entry: String
    var denied: [String] = []
    let host: String
    var port: Int?
    var scheme = "https"
    let yes: [String]
    let no: [String]

    var testDescription: String { "\(entry): \(scheme)://\(host) without \(denied)" }
  }

  static let special = [
    "0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.255.0.1", "169.254.169.254",
    "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.168.1.1", "198.18.0.1", "198.51.100.1",
    "203.0.113.9", "224.0.0.1", "239.1.1.1", "255.255.255.255", "192.88.99.1", "::", "::1",
    "::ffff:8.8.8.8", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "100::1", "2001::1", "2001:db8::1",
    "2002:7f00:1::", "fc00::1", "fd12::1", "fe80::1", "fec0::1", "ff02::1", "::127.0.0.1",
    "64:ff9b:1::1",
  ]
  static let ordinary = [
    "8.8.8.8", "1.1.1.1", "172.15.0.1", "172.32.0.1", "100.63.0.1", "100.128.0.1", "11.0.0.1",
    "223.255.255.255", "169.253.0.1", "2606:4700::1111", "2a00::1", "2003::1",
  ]

  static let addresses = [
    Address(entry: "a.example", host: "a.example", yes: ordinary, no: special),
    Address(entry: "a.example", host: "b.example", yes: [], no: ordinary + special),
    Address(entry: "a.example private", host: "a.example", yes: ordinary + special, no: ["", "x"]),
    Address(entry: "*.lan private", host: "db.lan", yes: special, no: []),
    Address(
      entry: "localhost", host: "localhost", yes: ["127.0.0.1", "::1", "8.8.8.8"],
      no: ["10.0.0.1", "fd00::1"]),
    Address(entry: "10.0.0.0/8", host: "10.1.2.3", yes: ["10.1.2.3"], no: ["127.0.0.1"]),
    Address(entry: "*", host: "a.example", yes: ordinary, no: special),
    Address(
      entry: "a.example:8080", host: "a.example", port: 8080, yes: ["8.8.8.8"], no: ["10.0.0.1"]),
    Address(entry: "a.example", host: "a.example", port: 443, yes: ["8.8.8.8"], no: []),
    Address(
      entry: "a.example", host: "a.example", port: 80, scheme: "http", yes: ["8.8.8.8"], no: []),
    Address(entry: "a.example", host: "a.example", port: 80, yes: [], no: ["8.8.8.8"]),
    Address(entry: "a.example:443", host: "a.example", yes: ["8.8.8.8"], no: []),
    Address(entry: "a.example:443", host: "a.example", scheme: "http", yes: [], no: ["8.8.8.8"]),
    Address(
      entry: "a.example private", denied: ["169.254.0.0/16", "10.0.0.0/8"], host: "a.example",
      yes: ["192.168.0.1"],
      no: [
        "169.254.169.254", "::ffff:169.254.169.254", "10.0.0.1", "::ffff:10.0.0.1",
        "64:ff9b::a00:1", "2002:a00:1::",
      ]),
    Address(entry: "a.example", denied: ["a.example"], host: "a.example", yes: [], no: ordinary),
  ]

  @Test(arguments: addresses)
  func `a name leads to ordinary addresses unless an entry says more`(_ sample: Address) {
    let set: PermissionSet = [.net: [sample.entry]]
    let grants = Grants(asked: set, granted: set, denied: [.net: sample.denied])
    func allows(_ address: String) -> Bool {
      grants.allowsAddress(address, of: sample.host, port: sample.port, scheme: sample.scheme)
    }
    for address in sample.yes { #expect(allows(address), "\(address) must be allowed") }
    for address in sample.no { #expect(!allows(address), "\(address) must not be allowed") }
    if !sample.yes.isEmpty {
      #expect(grants.allowsName(sample.host, port: sample.port, scheme: sample.scheme))
    }
  }

  @Test func `what is asked for must be granted, too`() {
    let asked: PermissionSet = [.net: ["*.example"], .read: ["data"], .run: ["git"]]
    let grants = Grants(
      asked: asked, granted: [.net: ["a.example", "b.org"], .read: ["data/in"]], folder: "/jobs")
    #expect(grants.standing(.net, "a.example") == .allowed)
    #expect(grants.standing(.net, "b.example") == .notGranted)
    #expect(grants.standing(.net, "b.org") == .notAsked)
    #expect(grants.standing(.run, "git") == .notGranted)
    #expect(grants.standing(.run, "rm") == .notAsked)
    #expect(grants.roots(.read) == ["/jobs/data/in"] && grants.roots(.write) == [])
  }

  @Test func `what may be written may be read`() {
    let set: PermissionSet = [.read: ["in"], .write: ["out", "/var/x/"]]
    let grants = Grants(asked: set, granted: set, denied: [.read: ["out/secret"]], folder: "/jobs")
    #expect(grants.roots(.read) == ["/jobs/in", "/jobs/out", "/var/x"])
    #expect(grants.roots(.write) == ["/jobs/out", "/var/x"])
    #expect(grants.allows(.read, "out/a") && !grants.allows(.write, "in/a"))
    #expect(grants.denies(.read, path: "/jobs/out/secret/a"))
    #expect(grants.denies(.write, path: "/jobs/out/secret"))
    #expect(!grants.denies(.read, path: "/jobs/out/secrets"))
  }

  @Test func `a rule that denies and cannot be read denies its whole kind`() {
    let set: PermissionSet = [.net: ["a.example"], .run: ["git"]]
    let grants = Grants(asked: set, granted: set, denied: [.net: ["http://x/y z"]])
    #expect(grants.standing(.net, "a.example") == .denied && grants.allows(.run, "git"))
    #expect(!grants.allowsAddress("8.8.8.8", of: "a.example", port: nil, scheme: "https"))
  }
}
