import Testing
import Transfers

struct TransferURLTests {
  init() throws {
    let problem = CurlLibrary.load()
    try #require(problem == nil)
  }

  @Test(arguments: [
    ("http://Example.COM/a", "http example.com 80 /a"),
    ("https://example.com.:444", "https example.com 444 /"),
    ("http://good.example@evil.example/", "http evil.example 80 /"),
    ("http://evil.example#@good.example/", "http evil.example 80 /"),
    ("http://good.example\\@evil.example/", "http evil.example 80 /"),
    ("http://2130706433/", "http 127.0.0.1 80 /"),
    ("http://0x7f.1/", "http 127.0.0.1 80 /"),
    ("http://0177.0.0.1/", "http 127.0.0.1 80 /"),
    ("http://127.1/", "http 127.0.0.1 80 /"),
    ("http://%31%32%37.0.0.1/", "http 127.0.0.1 80 /"),
    ("http://[::1]:8080/", "http ::1 8080 /"),
    ("http://[0:0:0:0:0:ffff:127.0.0.1]/", "http ::ffff:127.0.0.1 80 /"),
    ("http://bücher.example/ü b", "http xn--bcher-kva.example 80 /%c3%bc%20b"),
    ("http://a/../../b/./c", "http a 80 /b/c"),
  ])
  func `a URL is read as libcurl connects`(_ sample: (text: String, parts: String)) throws {
    let url = try TransferURL(sample.text)
    let parts = "\(url.scheme) \(url.host) \(url.port) \(url.path)"
    #expect(parts.lowercased() == sample.parts)
    let again = try TransferURL(url.text)
    #expect(again.host == url.host && again.port == url.port && again.path == url.path)
  }

  @Test(arguments: [
    "", "example.com", "http://", "http:///", "http://a b/", "http://a\r\nHost: b/",
    "http://a:99999/",
    "http://１２７.0.0.1/", "http://[::1%25lo]/", "http://[fe80::1%eth0]/", "http://a\u{0}b/",
    "http://\(String(repeating: "a", count: 17 << 10))/", "mailto:a@b", "http://a_b..c/",
  ])
  func `what is no URL, or an odd one, is refused`(_ text: String) {
    #expect(throws: TransferURL.Problem.self) { try TransferURL(text) }
  }

  @Test func `a redirect is read relative to where it comes from`() throws {
    let base = try TransferURL("https://user:pw@example.com:444/a/b?c#d")
    #expect(base.user == "user" && base.password == "pw")
    #expect(base.text == "https://example.com:444/a/b?c")
    #expect(try TransferURL("../x y", relativeTo: base).text == "https://example.com:444/x%20y")
    #expect(try TransferURL("//other/z", relativeTo: base).text == "https://other/z")
    #expect(try TransferURL("//other/z", relativeTo: base).hasOrigin(of: base) == false)
    #expect(try TransferURL("?q", relativeTo: base).hasOrigin(of: base))
  }
}
