import LuaRuntime
import MoonwheelModel
import Testing

@Suite struct HashTests {
  static let digests: [(call: String, result: Value)] = [
    // FIPS 180-4 and NIST's examples.
    ("hash.sha256('')", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("hash.sha256('abc')", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "hash.sha256('abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq')",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      "hash.sha256('abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu')",
      "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
    ),
    (
      "hash.sha256(('a'):rep(1000000))",
      "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    ),
    ("hash.sha256('abc', { as = 'base64' })", "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="),
    ("hash.sha256('abc', { as = 'base64url' })", "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0"),
    ("#hash.sha256('abc', { as = 'bytes' })", 32),
    // RFC 4231.
    (
      "hash.hmac(('\\x0b'):rep(20), 'Hi There')",
      "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
    ),
    (
      "hash.hmac('Jefe', 'what do ya want for nothing?')",
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    ),
    (
      "hash.hmac(('\\xaa'):rep(20), ('\\xdd'):rep(50))",
      "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
    ),
    (
      "hash.hmac(('\\xaa'):rep(131), 'Test Using Larger Than Block-Size Key - Hash Key First')",
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
    ),
    (
      "hash.hmac(('\\xaa'):rep(131), 'This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm.')",
      "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"
    ),
    ("hash.hmac('', '')", "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"),
    ("hash.equal('abc', 'abc')", true), ("hash.equal('abc', 'abd')", false),
    ("hash.equal('abc', 'ab')", false), ("hash.equal('', '')", true),
  ]

  /// RFC 4648, section 10, and the alphabets.
  static let encodings: [(bytes: String, base64: String, hex: String)] = [
    ("", "", ""), ("f", "Zg==", "66"), ("fo", "Zm8=", "666f"), ("foo", "Zm9v", "666f6f"),
    ("foob", "Zm9vYg==", "666f6f62"), ("fooba", "Zm9vYmE=", "666f6f6261"),
    ("foobar", "Zm9vYmFy", "666f6f626172"), ("\\xfb\\xff\\xfe", "+//+", "fbfffe"),
    ("\\0\\0", "AAA=", "0000"),
  ]

  @Test func `digests are those of the standards`() throws {
    let bench = try Bench()
    for (call, result) in Self.digests {
      #expect(try bench.run("return \(call)") == result, "\(call)")
    }
  }

  @Test func `bytes become text, and text bytes`() throws {
    let bench = try Bench()
    for (bytes, base64, hex) in Self.encodings {
      #expect(try bench.run("return hash.base64('\(bytes)')") == .string(base64))
      #expect(try bench.run("return hash.from_base64('\(base64)') == '\(bytes)'") == true)
      #expect(try bench.run("return hash.hex('\(bytes)')") == .string(hex))
      #expect(try bench.run("return hash.from_hex('\(hex.uppercased())') == '\(bytes)'") == true)
      let url = base64.replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
      #expect(try bench.run("return hash.base64('\(bytes)', { url = true })") == .string(url))
      #expect(
        try bench.run("return hash.from_base64('\(url)', { url = true }) == '\(bytes)'") == true)
    }
    let script = """
      for _, n in ipairs { 1, 2, 3, 4091, 4092, 4093, 8184, 8185, 16384, 100000, 100001 } do
        local s = hash.random(n > 65536 and 65536 or n) .. ('x'):rep(n - 65536)
        assert(hash.from_base64(hash.base64(s)) == s and hash.from_hex(hash.hex(s)) == s)
        assert(hash.from_base64(hash.base64(s, { url = true }), { url = true }) == s)
      end
      return true
      """
    #expect(try bench.run(script) == true)
  }

  static let broken: [(call: String, result: Value)] = [
    ("from_base64 'Zm8'", [.null, "the base64 ends too soon, at byte 4", "base64"]),
    ("from_base64 'Zg='", [.null, "the base64 ends too soon, at byte 4", "base64"]),
    ("from_base64 'Zm9='", [.null, "no base64 at byte 3", "base64"]),
    ("from_base64 'Zh=='", [.null, "no base64 at byte 2", "base64"]),
    ("from_base64 'Zm9v\\n'", [.null, "no base64 at byte 5", "base64"]),
    ("from_base64 'Zm 9v==='", [.null, "no base64 at byte 3", "base64"]),
    ("from_base64 '-_-_'", [.null, "no base64 at byte 1", "base64"]),
    ("from_base64('+/+/', { url = true })", [.null, "no base64 of URLs at byte 1", "base64"]),
    ("from_base64('Z', { url = true })", [.null, "no base64 of URLs at byte 1", "base64"]),
    ("from_base64 'Z==='", [.null, "no base64 at byte 2", "base64"]),
    ("from_hex '6'", [.null, "the hexadecimal text ends too soon, at byte 2", "hex"]),
    ("from_hex '6g'", [.null, "no hexadecimal text at byte 2", "hex"]),
    ("from_hex ' 66'", [.null, "no hexadecimal text at byte 1", "hex"]),
  ]

  @Test func `a broken text is refused with its place`() throws {
    let bench = try Bench()
    for (call, result) in Self.broken {
      _ = try bench.run(
        "local v, why, code = hash.\(call) take({ v == nil and json.null, why, code })")
      #expect(bench.taken.last == [result], "\(call)")
    }
  }

  static let mistakes: [(call: String, message: String)] = [
    ("hash.sha256(5)", "hash.sha256 takes a text, not a number"),
    ("hash.sha256('', { raw = true })", "hash.sha256 has no option \"raw\"; there are as"),
    (
      "hash.sha256('', { as = 'binary' })",
      "hash.sha256: the option \"as\" must be \"hex\", \"base64\", \"base64url\" or \"bytes\""
    ),
    ("hash.hmac(nil, 'x')", "hash.hmac takes a key first, which is a text, not nil"),
    ("hash.hmac('x')", "hash.hmac takes a text after the key, not nil"),
    ("hash.hmac(('k'):rep(65537), '')", "hash.hmac takes a key of at most 65536 bytes"),
    ("hash.equal('x')", "hash.equal takes two texts, not nil"),
    ("hash.random(0)", "hash.random takes a number of bytes, from 1 to 65536"),
    ("hash.random('5')", "hash.random takes a number of bytes, from 1 to 65536"),
    ("hash.random(1.5)", "hash.random takes a number of bytes, from 1 to 65536"),
    (
      "hash.uuid(5)",
      "hash.uuid takes the version 4, which is random, or 7, which begins with the time"
    ),
    ("hash.base64()", "hash.base64 takes a text, not nil"),
  ]

  @Test func `a wrong call raises with the remedy`() throws {
    let bench = try Bench()
    for (call, message) in Self.mistakes {
      #expect(failure { try bench.run(call) } == "script.lua:1: \(message)", "\(call)")
    }
  }

  @Test func `ids are what RFC 9562 says`() throws {
    let bench = try Bench()
    let script = """
      local seen, last = {}, ""
      for i = 1, 10000 do
        local four, seven = hash.uuid(), hash.uuid(7)
        local x = '%x%x%x%x'
        local rest = '%-[89ab]%x%x%x%-' .. x .. x .. x
        assert(four:find('^' .. x .. x .. '%-' .. x .. '%-4%x%x%x' .. rest .. '$'), four)
        assert(seven:find('^' .. x .. x .. '%-' .. x .. '%-7%x%x%x' .. rest .. '$'), seven)
        assert(not seen[four] and not seen[seven] and seven > last)
        seen[four], seen[seven], last = true, true, seven
      end
      assert(#hash.random(65536) == 65536 and hash.random(16) ~= hash.random(16))
      return hash.uuid(7):sub(1, 8)
      """
    // The bench's wall time is 10.5 s after 1970.
    #expect(try bench.run(script) == "00000000")
  }
}
