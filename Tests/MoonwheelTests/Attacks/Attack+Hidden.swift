extension Attack {
  /// Callbacks that spend nearly all their time in C, where a preemption finds no Lua instruction to stop at.
  static let hidden: [Attack] = [
    Attack(
      "a function of libc all the time", .timedOut,
      source: "local f = ('%c'):rep(2048) while true do os.date(f) end"),
    Attack(
      "one that fails all the time", .timedOut, source: "while true do pcall(os.date, '%Ez') end"),
    Attack(
      "one with a table all the time", .timedOut,
      source: "local d = os.date('*t') while true do os.time(d) end"),
    Attack(
      "one in a comparator", .timedOut, .evicted,
      source: """
        local f, t = ('%c'):rep(2048), {} for i = 1, 1e5 do t[i] = i end
        while true do pcall(table.sort, t, function(a, b) os.date(f) return a < b end) end
        """),
    Attack(
      "one in a __close", .dropped, .evicted,
      source: """
        local f = ('%c'):rep(2048)
        local x <close> = setmetatable({}, { __close = function() while true do os.date(f) end end })
        while true do end
        """),
    Attack(
      "coroutines of a function of C", .timedOut,
      source: "while true do coroutine.wrap(string.rep)('', 3e6) end"),
    Attack(
      "coroutines that are resumed", .timedOut,
      source: "while true do coroutine.resume(coroutine.create(string.rep), '', 3e6) end"),
    Attack(
      "coroutines in pcall", .timedOut,
      source: "while true do pcall(coroutine.wrap(string.rep), '', 3e6) end"),
    Attack(
      "coroutines in a comparator", .timedOut, .evicted,
      source: """
        while true do
          pcall(table.sort, { 3, 1, 2 }, function(a, b) coroutine.wrap(string.rep)('', 3e6) return a < b end)
        end
        """),
    Attack(
      "coroutines as an iterator", .timedOut,
      source: "while true do for _ in coroutine.wrap(string.rep), '', 3e6 do break end end"),
    Attack(
      "coroutines that are closed", .timedOut,
      source: """
        while true do
          local co = coroutine.create(function() local x <close> = setmetatable({}, { __close = string.len }) coroutine.yield() end)
          coroutine.resume(co)
          pcall(coroutine.close, co)
          coroutine.wrap(string.rep)('', 1e6)
        end
        """),
  ]
}
