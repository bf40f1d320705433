import LuaRuntime
import MoonwheelModel
import Testing

/// Errors leave nothing behind, wherever they are raised, and no memory is taken outside of the isolate.
@Suite struct JSONMemoryTests {
  private static let calls = [
    "json.decode(('['):rep(200000))", "json.decode('[' .. ('[[]],'):rep(200000) .. '1]')",
    "json.decode('{' .. ('\"abcdefghijk\":{},'):rep(100000) .. '}')",
    "json.decode('[\"' .. ('x\\\\n'):rep(200000))",
    "json.decode('[\"' .. ('x\\\\n'):rep(200000) .. '\"]')",
    "json.decode(('1,'):rep(200000))", "json.encode(list)", "json.encode(names)",
    "json.encode { list, names, list, print }", "json.pretty { list, list, list }",
    "json.encode(('\\n'):rep(300000))", "hash.base64(('x'):rep(600000))",
    "hash.hex(('x'):rep(600000))", "hash.from_hex(('zz'):rep(300000))",
    "hash.from_base64(('AAAA'):rep(200000) .. '?')",
    "for v in json.lines(('[1,2,3]\\n'):rep(20000)) do end",
  ]

  @Test(arguments: calls)
  func `memory comes back after errors and refusals`(call: String) throws {
    let account = MemoryAccount(of: MemoryAccount(), cap: 6 << 20)
    let bench = try Bench(limits: IsolateLimits(memory: 6 << 20), account: account)
    _ = try bench.run(
      "list, names = {}, {} for i = 1, 20000 do list[i] = ('e'):rep(5) .. i end for i = 1, 5000 do names['k' .. i] = i end"
    )
    // With ever less memory left, so that each place where memory is needed refuses once.
    let script = """
      for size = 0, 30, 2 do
        local filler = ('f'):rep(size * 100000 + 1)
        pcall(function() \(call.hasPrefix("for") ? call : "local _ = " + call) end)
        filler = nil
        collectgarbage("step")
      end
      """
    try bench.collect()
    let used = bench.isolate.memoryUsed
    for _ in 0..<2 { _ = try? bench.run(script) }
    try bench.collect()
    #expect(bench.isolate.memoryUsed < used + (256 << 10), "\(bench.isolate.memoryUsed - used)")
    #expect(account.states < used + (5 << 20), "\(account.states)")
  }
}
