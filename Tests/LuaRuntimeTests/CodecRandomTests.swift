import MoonwheelModel
import TestSupport
import Testing

@testable import LuaRuntime

/// Random values, on the whole way round through Lua.
@Suite struct CodecRandomTests {
  @Test func `random values survive the way through Lua`() throws {
    let seed = UInt64.random(in: 0 ..< .max)
    var random = SplitMix64(seed: seed)
    let bench = try Bench()
    let script = """
      local function copy(v)
        if type(v) ~= "table" then return v end
        local c = getmetatable(v) == false and json.object() or {}
        for k, e in pairs(v) do c[k] = copy(e) end
        return c
      end
      for _ = 1, 2000 do take(copy((ask()))) collectgarbage("step") end
      """
    var expected: [Value] = []
    let chunk = try bench.isolate.compile(Array(script.utf8), name: "random.lua")
    let source = Source(bench: bench) {
      let value = Self.value(&random, depth: 0)
      expected.append(value)
      return value
    }
    bench.isolate.host = source
    guard case .finished = bench.isolate.run(chunk) else {
      Issue.record("seed \(seed)")
      return
    }
    #expect(source.taken.count == 2000, "seed \(seed)")
    for (value, original) in zip(source.taken, expected) where value != original {
      Issue.record("seed \(seed): \(original) became \(value)")
      return
    }
  }

  @Test func `what is passed on unread reads the same, and a handle is found in it`() throws {
    let seed = UInt64.random(in: 0 ..< .max)
    var random = SplitMix64(seed: seed)
    let bench = try Bench()
    let script = "for _ = 1, 2000 do pass('first', (ask())) end pass('none') pass()"
    let chunk = try bench.isolate.compile(Array(script.utf8), name: "random.lua")
    var expected: [Value] = []
    let source = Source(bench: bench) {
      let value = Self.value(&random, depth: 0)
      expected.append(value)
      return value
    }
    bench.isolate.host = source
    guard case .finished = bench.isolate.run(chunk) else {
      Issue.record("seed \(seed)")
      return
    }
    #expect(source.passed.count == 2002, "seed \(seed)")
    #expect(source.passed[2000].values == ["none"] && source.passed[2000].rawLast == nil)
    #expect(source.passed[2001].values == [] && source.passed[2001].rawLast == nil)
    for (arguments, value) in zip(source.passed, expected) {
      let isPassedOn = arguments.rawLast != nil
      #expect(arguments.values.first == "first")
      #expect(isPassedOn != value.hasHandle, "seed \(seed): \(value)")
      guard arguments.rawLast?.value ?? arguments.values.last == value else {
        Issue.record("seed \(seed): \(value) became \(arguments)")
        return
      }
      guard let encoded = arguments.rawLast else { continue }
      let event = Event(name: "a.b", payload: encoded, source: "x.lua", depth: 1)
      var asIs = MessageWriter()
      asIs.append([event])
      let read = unsafe asIs.bytes.withUnsafeBytes { unsafe MessageReader.values($0) }
      #expect(read == [.list([event.value])], "seed \(seed): \(value)")
    }
  }

  /// Answers `ask` with the next value and records `take` and `pass`.
  private final class Source: IsolateHost {
    let bench: Bench
    let next: () -> Value
    var taken: [Value] = []
    var passed: [HostArguments] = []
    init(bench: Bench, next: @escaping () -> Value) {
      self.bench = bench
      self.next = next
    }
    func call(_ function: Int, _ arguments: HostArguments, coroutine: UInt32) -> HostReply {
      if function == 5 { return .value(next()) }
      if function == 8 {
        passed.append(arguments)
        return .nothing
      }
      taken.append(arguments.values.first ?? .nil)
      return .nothing
    }
  }

  private static func value(_ random: inout SplitMix64, depth: Int) -> Value {
    switch Int.random(in: -1..<(depth < 5 ? 10 : 7), using: &random) {
    case -1: return Bool.random(using: &random) ? .null : .table([:])
    case 0: return .bool(.random(using: &random))
    case 1: return .integer(.random(in: .min ... .max, using: &random))
    case 2: return .integer(.random(in: -3...3, using: &random))
    case 3: return .number(.random(in: -1e300...1e300, using: &random))
    case 4: return text(&random)
    case 5: return depth == 0 ? .nil : .number(0.5)
    case 6: return .job(JobHandle(rawValue: .random(in: 0 ... .max, using: &random)))
    case 7: return list(&random, depth)
    default: return table(&random, depth)
    }
  }

  private static func text(_ random: inout SplitMix64) -> Value {
    let count = Int.random(in: 0...70, using: &random)
    let bytes = (0..<count).map { _ in UInt8.random(in: 0 ... .max, using: &random) }
    if let text = String(validating: bytes, as: UTF8.self) { return .string(text) }
    if Bool.random(using: &random) { return .bytes(bytes) }
    return .string(String(bytes.map { Character(Unicode.Scalar($0 & 0x7F)) }))
  }

  private static func list(_ random: inout SplitMix64, _ depth: Int) -> Value {
    let values = (0..<Int.random(in: 0...9, using: &random)).map { _ in
      value(&random, depth: depth + 1)
    }
    return .list(values)
  }

  /// Keys are such that the table is no list.
  private static func table(_ random: inout SplitMix64, _ depth: Int) -> Value {
    var pairs: [Value: Value] = ["key": 1]
    for _ in 0..<Int.random(in: 0...9, using: &random) {
      let key: Value =
        switch Int.random(in: 0..<4, using: &random) {
        case 0: .integer(.random(in: -2...6, using: &random))
        case 1: .number(.random(in: 0.1...0.9, using: &random))
        case 2: .bool(.random(using: &random))
        default: text(&random)
        }
      pairs[key] = value(&random, depth: depth + 1)
    }
    return .table(pairs)
  }
}
