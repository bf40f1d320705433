import JSON
import LuaRuntime
import MoonwheelModel
import TestSupport
import Testing

/// `json.decode` and `json.encode` beside the reader and the writer in Swift, which share no code with them.
@Suite struct JSONRandomTests {
  private static func value(_ random: inout SplitMix64, depth: Int = 0) -> JSONValue {
    switch Int.random(in: 0..<(depth < 5 ? 12 : 8), using: &random) {
    case 0: .null
    case 1: .bool(.random(using: &random))
    case 2: .integer(.random(in: .min ... .max, using: &random))
    case 3: .integer(.random(in: -20...20, using: &random))
    case 4: .number(number(&random))
    case 5...7: .string(text(&random))
    case 8, 9: .array(elements(&random, depth))
    default:
      .object(
        Dictionary(
          elements(&random, depth).map { (text(&random), $0) }, uniquingKeysWith: { $1 }
        ).map { ($0.key, $0.value) })
    }
  }

  private static func elements(_ random: inout SplitMix64, _ depth: Int) -> [JSONValue] {
    let most = Int.random(in: 0..<20, using: &random) == 0 ? 80 : 5
    return (0..<Int.random(in: 0...most, using: &random)).map { _ in
      value(&random, depth: depth + 1)
    }
  }

  private static func number(_ random: inout SplitMix64) -> Double {
    let number = Double(bitPattern: .random(in: 0 ... .max, using: &random))
    return number.isFinite && number != number.rounded() ? number : 0.5
  }

  private static func text(_ random: inout SplitMix64) -> String {
    let limits: [UInt32] = [0x20, 0x80, 0x800, 0xd800, 0x10000, 0x110000]
    var text = ""
    for _ in 0..<Int.random(in: 0...12, using: &random) {
      let limit = limits[.random(in: 0..<limits.count, using: &random)]
      if let scalar = Unicode.Scalar(UInt32.random(in: 0..<limit, using: &random)) {
        text.unicodeScalars.append(scalar)
      }
    }
    return text
  }

  /// As `Value(_ json:)` of the reports, which this target cannot see, with all nulls.
  private static func data(_ json: JSONValue) -> Value {
    switch json {
    case .null: .null
    case .bool(let flag): .bool(flag)
    case .integer(let integer): .integer(integer)
    case .number(let number): .number(number)
    case .string(let text): .string(text)
    case .array(let values): .list(values.map(data))
    case .object(let members):
      .table(Dictionary(members.map { (.string($0.key), data($0.value)) }) { $1 })
    }
  }

  @Test func `random values are read as in Swift, and written so that Swift reads the same`() throws
  {
    let seed = UInt64.random(in: 0 ..< .max)
    var random = SplitMix64(seed: seed)
    let bench = try Bench()
    for _ in 0..<20 {
      let values = (0..<100).map { _ in Self.value(&random) }
      bench.answer = .value(.list(values.map { .string("\($0)") }))
      _ = try bench.run(
        """
        for _, text in ipairs((ask())) do
          local value, why = json.decode(text, { nulls = true })
          assert(not why, why)
          take(value, json.encode(value))
          assert(json.encode(json.decode(json.pretty(value), { nulls = true })) == json.encode(value))
        end
        """)
      for (value, taken) in zip(values, bench.taken.suffix(100)) {
        let expected = Self.data(value)
        #expect(taken[0] == expected, "seed \(seed): \(value)")
        let back = try JSONReader.read(try #require(taken[1].text))
        #expect(Self.data(back) == expected, "seed \(seed): \(value)")
      }
    }
  }

  /// Texts that are almost JSON: Lua and Swift accept the same ones.
  @Test func `random texts are refused or read as in Swift`() throws {
    let seed = UInt64.random(in: 0 ..< .max)
    var random = SplitMix64(seed: seed)
    let bench = try Bench()
    let pieces = Array("{}[],:\"\\/ue.+-0159 \n\u{1}tnfalr".utf8) + [0x80, 0xc3, 0xe2, 0xff]
    var accepted = 0
    for _ in 0..<30 {
      let texts = (0..<100).map { _ in
        var bytes = Array("\(Self.value(&random, depth: 2))".utf8)
        for _ in 0..<Int.random(in: 0...3, using: &random) {
          let at = Int.random(in: 0...bytes.count, using: &random)
          let piece = pieces[.random(in: 0..<pieces.count, using: &random)]
          switch Int.random(in: 0..<3, using: &random) {
          case 0: bytes.insert(piece, at: at)
          case 1 where at < bytes.count: bytes[at] = piece
          default: if at < bytes.count { bytes.remove(at: at) }
          }
        }
        return bytes
      }
      bench.answer = .value(.list(texts.map { .bytes($0) }))
      _ = try bench.run(
        "for _, text in ipairs((ask())) do local v, why, code = json.decode(text, { nulls = true }) take(v, code or json.encode(v)) end"
      )
      for (text, taken) in zip(texts, bench.taken.suffix(100)) {
        let json = try? JSONReader.read(text[...])
        #expect((json == nil) == (taken[1] == "json"), "seed \(seed): \(text)")
        guard let json else { continue }
        accepted += 1
        #expect(
          taken[0] == Self.last(json), "seed \(seed): \(String(decoding: text, as: UTF8.self))")
      }
    }
    #expect(accepted > 100)
  }

  /// Of equal keys the last counts in Lua.
  private static func last(_ json: JSONValue) -> Value { data(json) }

  @Test func `random floats are written by the shortest digits, and read back`() throws {
    let seed = UInt64.random(in: 0 ..< .max)
    var random = SplitMix64(seed: seed)
    let bench = try Bench()
    let numbers = (0..<5_000).map { index -> Double in
      let bits = UInt64.random(in: 0 ... .max, using: &random)
      let number = Double(bitPattern: index % 4 == 0 ? bits & 0xfff0_0000_0000_0000 : bits)
      return number.isFinite ? number : Double(index) / 7
    }
    bench.answer = .value(.list(numbers.map { .number($0) }))
    _ = try bench.run(
      "for _, n in ipairs((ask())) do local text = json.encode(n) take(text, json.decode(text)) end"
    )
    func digits(_ text: String) -> Substring {
      let mantissa = text.prefix { $0 != "e" }.filter(\.isNumber)
      let significant = mantissa.drop { $0 == "0" }
      return significant.prefix(
        significant.lastIndex { $0 != "0" }.map {
          significant.distance(from: significant.startIndex, to: $0) + 1
        } ?? 0)
    }
    for (number, taken) in zip(numbers, bench.taken) {
      let text = try #require(taken[0].text)
      #expect(digits(text).count == digits("\(number)").count, "seed \(seed): \(number) is \(text)")
      #expect(Double(text) == number, "seed \(seed): \(number) is \(text)")
      #expect(taken[1].double == number, "seed \(seed): \(text)")
    }
  }
}
