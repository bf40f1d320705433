import MoonwheelModel
import Testing
import Triggers

struct SecretMaskTests {
  private let mask = SecretMask([Array("pa/ss \"wörd\"+1".utf8), Array("0123456789abcdef".utf8)])

  @Test(arguments: [
    "pa/ss \"wörd\"+1",
    // As it stands in base64: alone, and behind one and two bytes.
    "cGEvc3MgInfDtnJkIisx", "OnBhL3NzICJ3w7ZyZCIrMQ==", "YjpwYS9zcyAid8O2cmQiKzE=",
    // In a URL, and in a form.
    "pa%2Fss%20%22w%C3%B6rd%22%2B1", "pa%2fss%20%22w%c3%b6rd%22%2b1", "pa%2Fss+%22w%C3%B6rd%22%2B1",
    // In JSON.
    "pa/ss \\\"wörd\\\"+1", "pa\\/ss \\\"w\\u00f6rd\\\"+1", "pa/ss \\\"w\\u00F6rd\\\"+1",
  ])
  func `each form is masked`(form: String) {
    let text = mask.masked("before " + form + " after")
    #expect(text.contains("***"))
    #expect(!text.contains(form.dropFirst(4).dropLast(4)))
    #expect(text.hasPrefix("before ") && text.hasSuffix(" after"))
  }

  @Test func `a text without a secret is the same`() {
    for text in ["", "short", "0123456", "0123457 89abcdef", "pa/ss wörd"] {
      #expect(mask.masked(text) == text)
    }
  }

  @Test func `a secret that was cut is masked from its half on`() {
    #expect(mask.masked("token 01234567...") == "token ***...")
    #expect(mask.masked("token 0123456789abcde") == "token ***")
    #expect(mask.masked("token 0123456...") == "token 0123456...")
  }

  @Test func `secrets side by side, in each other, and again and again`() {
    let mask = SecretMask([
      Array("abcdefgh".utf8), Array("efghijklmn".utf8), Array("aaaaaaaa".utf8),
    ])
    #expect(mask.masked("abcdefghabcdefgh") == "***")
    #expect(mask.masked("abcdefghijklmn.") == "***.")
    #expect(mask.masked(".aaaaaaaaaaaaaaaaaaaaa.") == ".***.")
    #expect(mask.masked("abcdefgh abcdefgh") == "*** ***")
  }

  @Test func `each line of a secret of several lines is one`() {
    let key =
      "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\nkqhkiG9w0BAQEF\n-----END PRIVATE KEY-----\n"
    let mask = SecretMask([Array(key.utf8)])
    #expect(mask.masked("kqhkiG9w0BAQEF") == "***")
    #expect(mask.masked("-----BEGIN PRIVATE KEY-----") == "-----BEGIN PRIVATE KEY-----")
  }

  @Test func `short secrets are not masked`() {
    let mask = SecretMask([Array("1234567".utf8), []])
    #expect(mask.masked("1234567") == "1234567")
  }

  @Test func `texts within values are masked, keys among them`() {
    let secret = "0123456789abcdef"
    let value: Value = [
      "a": .list([.string("x" + secret), 1, .bytes([255] + Array(secret.utf8))]),
      "b": .table([.string(secret): true]),
    ]
    #expect(
      mask.masked(value) == [
        "a": .list(["x***", 1, .bytes([255] + Array("***".utf8))]), "b": ["***": true],
      ])
  }

  /// Against a search that tries every place.
  @Test func `it leaves nothing that a search of every place finds`() {
    let random = SeededRandom(seed: 7)
    var index: UInt64 = 0
    func next(below count: UInt64) -> Int {
      index += 1
      return Int(random.value(index, below: count))
    }
    func bytes(_ count: Int) -> [UInt8] {
      (0..<count).map { _ in UInt8(ascii: "a") + UInt8(next(below: 2)) }
    }
    for _ in 0..<100 {
      let secrets = (0..<4).map { _ in bytes(8 + next(below: 9)) }
      let (mask, text) = (SecretMask(secrets), bytes(200))
      let masked = mask.masked(text)
      for secret in secrets { #expect(!contains(masked, secret)) }
      #expect((masked != text) == mask.isIn(text))
      if secrets.contains(where: { contains(text, $0) }) { #expect(mask.isIn(text)) }
    }
  }

  private func contains(_ text: [UInt8], _ part: [UInt8]) -> Bool {
    text.indices.contains { text[$0...].starts(with: part) }
  }
}
