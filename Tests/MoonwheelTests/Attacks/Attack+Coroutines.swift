extension Attack {
  static let coroutines: [Attack] = [
    Attack(
      "resume and yield for ever", .timedOut,
      source:
        "local co = coroutine.wrap(function() while true do coroutine.yield() end end) while true do co() end"
    ),
    Attack(
      "a loop inside a coroutine inside pcall", .timedOut,
      source: "while true do pcall(coroutine.wrap(function() while true do end end)) end"),
    Attack(
      "a new coroutine for each interrupt", .timedOut,
      source:
        "while true do coroutine.resume(coroutine.create(function() while true do end end)) end"),
    Attack(
      "150 coroutines deep", .timedOut,
      source: """
        local function nest(n)
          if n == 0 then while true do end end
          coroutine.wrap(nest)(n - 1)
        end
        nest(150)
        """),
    Attack(
      "150 coroutines deep, each in pcall", .timedOut,
      source: """
        local function nest(n)
          while true do
            if n == 0 then while true do end end
            pcall(coroutine.wrap(nest), n - 1)
          end
        end
        nest(60)
        """),
    Attack(
      "coroutines without end", .failed, .timedOut,
      source: "local function f() coroutine.wrap(f)() end f()"),
    Attack(
      "coroutines without end, caught", .timedOut,
      source: "local function f() pcall(coroutine.wrap(f)) end while true do f() end"),
    Attack(
      "a coroutine that resumes itself", .timedOut,
      source:
        "local co co = coroutine.create(function() while true do coroutine.resume(co) end end) coroutine.resume(co)"
    ),
    Attack(
      "the run's own coroutine", .timedOut,
      source: """
        local own = coroutine.running()
        while true do
          pcall(coroutine.resume, own)
          pcall(coroutine.close, own)
          pcall(coroutine.wrap(function() coroutine.resume(own) coroutine.close(own) end))
        end
        """),
    Attack(
      "a coroutine inside a comparator", .timedOut,
      source:
        "table.sort({ 3, 1, 2 }, function() coroutine.wrap(function() while true do end end)() end)"
    ),
    Attack(
      "coroutines inside comparators inside coroutines", .timedOut,
      source: """
        local function nest(n)
          if n == 0 then while true do end end
          table.sort({ 2, 1 }, function() coroutine.wrap(nest)(n - 1) end)
        end
        nest(20)
        """),
    Attack(
      "a yield inside a comparator", .failed,
      source:
        "coroutine.wrap(function() table.sort({ 2, 1 }, function() coroutine.yield() end) end)()"),
    Attack(
      "a close that loops", .timedOut,
      source: """
        local co = coroutine.create(function()
          local x <close> = setmetatable({}, { __close = function() while true do pcall(function() while true do end end) end end })
          coroutine.yield()
        end)
        coroutine.resume(co)
        while true do coroutine.close(co) end
        """),
    Attack(
      "a close that loops and has to be closed", .evicted,
      source: """
        local spin = function() while true do end end
        local co = coroutine.create(function()
          local x <close> = setmetatable({}, {
            __close = function()
              local y <close> = setmetatable({}, { __close = spin })
              spin()
            end
          })
          coroutine.yield()
        end)
        coroutine.resume(co)
        coroutine.close(co)
        """),
    Attack(
      "a chain of closes", .failed, .succeeded, .evicted,
      source: """
        local co
        for i = 1, 1000 do
          local inner = co
          co = coroutine.create(function()
            local x <close> = setmetatable({}, { __close = function() if inner then coroutine.close(inner) end end })
            coroutine.yield()
          end)
          coroutine.resume(co)
        end
        assert(coroutine.close(co))
        """),
    Attack(
      "a chain of closes out of deep C calls", .failed, .succeeded, .evicted,
      source: """
        local function nest(n, f)
          if n == 0 then f() return end
          local _ = ("x"):gsub("x", function() nest(n - 1, f) end)
        end
        local all = {}
        for i = 31, 1, -1 do
          all[i] = coroutine.create(function()
            local x <close> = setmetatable({}, {
              __close = function() nest(190, function() if all[i + 1] then coroutine.close(all[i + 1]) end end) end
            })
            coroutine.yield()
          end)
          coroutine.resume(all[i])
        end
        coroutine.close(all[1])
        """),
    Attack(
      "a wrap that dies and is called again", .timedOut,
      source: "local f = coroutine.wrap(error) while true do pcall(f) end"),
    Attack(
      "an iterator by coroutine that never ends", .timedOut,
      source:
        "for x in coroutine.wrap(function() while true do pcall(coroutine.yield, 1) end end) do end"
    ),
    Attack(
      "a sleep in 100 coroutines", .timedOut,
      source: """
        local function nest(n)
          if n == 0 then while true do pcall(sleep, 0.001) end end
          coroutine.wrap(nest)(n - 1)
        end
        nest(100)
        """),
    Attack(
      "coroutines that pass one another on", .timedOut,
      source: """
        local a, b
        a = coroutine.create(function() while true do coroutine.resume(b) coroutine.yield() end end)
        b = coroutine.create(function() while true do coroutine.resume(a) coroutine.yield() end end)
        while true do coroutine.resume(a) coroutine.resume(b) end
        """),
  ]

  static let patterns: [Attack] = [
    Attack("find", .evicted, source: "return (('a'):rep(40)):find(('a-'):rep(40) .. 'b')"),
    Attack("match", .evicted, source: "return (('a'):rep(60)):match(('a*'):rep(60) .. 'b')"),
    Attack(
      "gmatch", .evicted,
      source: "for _ in (('a'):rep(60)):gmatch(('a?'):rep(60) .. ('a*'):rep(60) .. 'b') do end"),
    Attack("gsub", .evicted, source: "return (('a'):rep(60)):gsub(('(a*)'):rep(30) .. 'b', '')"),
    Attack(
      "find in pcall in a coroutine", .evicted,
      source:
        "while true do pcall(coroutine.wrap(function() string.find(('a'):rep(40), ('a-'):rep(40) .. 'b') end)) end"
    ),
    Attack(
      "short bombs in a loop", .timedOut,
      source: "while true do (('a'):rep(12)):find(('a-'):rep(6) .. 'b') end"),
    Attack("balance", .evicted, source: "return (('('):rep(1000000)):find('%b()')"),
    Attack(
      "a frontier in a long text", .evicted, .timedOut,
      source: "return (('a'):rep(1000000)):find('%f[b].-%f[c]') or (('a'):rep(1000000)):find('.-b')"
    ),
    Attack(
      "string.find without patterns", .evicted,
      source: "return (('a'):rep(2000000)):find(('a'):rep(100000) .. 'b', 1, true)"),
    Attack(
      "gsub with a looping function", .timedOut,
      source: "('x'):gsub('x', function() while true do end end)"),
    Attack(
      "gsub with a looping table", .timedOut,
      source: "('x'):gsub('x', setmetatable({}, { __index = function() while true do end end }))"),
    Attack(
      "gmatch again after pattern too complex", .timedOut,
      source: """
        local next = (('a'):rep(300)):gmatch(('.-'):rep(250) .. 'b')
        while true do pcall(next) end
        """),
    Attack(
      "too complex", .timedOut,
      source:
        "while true do pcall(string.find, ('a'):rep(1000), ('.-'):rep(300) .. 'b') end"
    ),
  ]
}
