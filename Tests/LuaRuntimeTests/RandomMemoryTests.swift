import LuaRuntime
import Testing

/// The allocator under random loads: what a script wrote is what it reads, whatever lay beside it.
@Suite struct RandomMemoryTests {
  /// Strings carry their own check; tables, closures and coroutines are of random sizes; all go and come at random, some
  /// at the cap. Each survivor is checked at its end.
  static let load = """
    local seed, steps = ...
    math.randomseed(seed)
    local random, rep, live = math.random, string.rep, {}
    local function text(n) local d = tostring(n) return rep(d, n // #d) .. "!" .. n end
    local makers = {
      function(n) return text(n) end,
      function(n) local t = {} for i = 1, n // 8 do t[i] = i * n end return t end,
      function(n) local t = {} for i = 1, n // 30 do t["k" .. i] = i + n end return t end,
      function(n) local a, b, c = n, n + 1, n + 2 return function() return a + b + c end end,
      function(n)
        local co = coroutine.wrap(function() local t = table.pack(table.unpack({}, 1, n % 250)) coroutine.yield(t.n) return n end)
        co() return co
      end,
    }
    local checks = {
      function(v, n) return v == text(n) end,
      function(v, n) for i = 1, n // 8 do if v[i] ~= i * n then return false end end return #v == n // 8 end,
      function(v, n) for i = 1, n // 30 do if v["k" .. i] ~= i + n then return false end end return true end,
      function(v, n) return v() == 3 * n + 3 end,
      function(v, n) return v() == n end,
    }
    local function size()
      local kind = random(10)
      if kind <= 6 then return random(600) elseif kind <= 9 then return random(5000) else return random(200000) end
    end
    local refused = 0
    for step = 1, steps do
      local place = random(700)
      local old = live[place]
      if old then
        live[place] = nil
        if not checks[old[1]](old[3], old[2]) then error("damaged: kind " .. old[1] .. ", size " .. old[2] .. ", step " .. step) end
      else
        local kind, n = random(#makers), size()
        local ok, value = pcall(makers[kind], n)
        if ok then ok = pcall(function() live[place] = { kind, n, value } end) end
        if not ok then refused = refused + 1 end
      end
      if step % 5000 == 0 then
        for place, old in pairs(live) do
          if old[1] < 4 and not checks[old[1]](old[3], old[2]) then error("damaged at rest: kind " .. old[1]) end
        end
        if random(3) == 1 then live = {} end
      end
    end
    return refused
    """

  @Test(arguments: [1 << 20, 3 << 20, 64 << 20])
  func `random blocks keep their contents`(cap: Int) throws {
    let seed = Int64.random(in: 0 ..< .max)
    let bench = try Bench(limits: IsolateLimits(memory: cap))
    let text = Self.load.replacing(
      "local seed, steps = ...", with: "local seed, steps = \(seed), 30000")
    let outcome = bench.finish(try bench.load(text))
    switch outcome {
    case .finished(.integer(let refused)):
      #expect((refused > 0) == (cap < 4 << 20), "\(refused), seed \(seed)")
    default:
      // At the cap the driver's own allocations may be refused: that is in order, damage is not.
      #expect(
        "\(outcome)".contains("not enough memory") && cap < 4 << 20, "\(outcome), seed \(seed)")
    }
    try bench.collect()
    #expect(bench.isolate.memoryUsed < 400_000, "seed \(seed)")
  }

  @Test func `many isolates come and go, and their memory with them`() throws {
    let before = try residentBytes()
    for round in 0..<50 {
      let bench = try Bench(limits: IsolateLimits(memory: 16 << 20))
      _ = try bench.run(
        "t = {} for i = 1, 20000 do t[i] = { ('x'):rep(i % 2000) } if i % 97 == 0 then t[i - 50] = nil end if collectgarbage('count') > 12000 then break end end"
      )
      #expect(bench.isolate.memoryUsed > 5 << 20, "round \(round)")
    }
    #expect(try residentBytes() - before < 250 << 20)
  }
}
