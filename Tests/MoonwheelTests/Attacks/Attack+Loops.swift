extension Attack {
  static let loops: [Attack] = [
    Attack("while", .timedOut, source: "while true do end"),
    Attack("repeat", .timedOut, source: "repeat until false"),
    Attack("goto", .timedOut, source: "::top:: goto top"),
    Attack("for with a huge bound", .timedOut, source: "for i = 1, math.maxinteger do end"),
    Attack("for with float bounds", .timedOut, source: "for x = 0.0, math.huge do end"),
    Attack(
      "nested for", .timedOut, source: "for i = 1, 1e9 do for j = 1, 1e9 do local k = i * j end end"
    ),
    Attack(
      "an iterator without end", .timedOut, source: "for _ in function() return true end do end"),
    Attack(
      "next over a table that grows and shrinks", .timedOut,
      source: """
        local t = {}
        for i = 1, 20000 do t[i] = i end
        while true do
          for i = 1, 20000 do t[i] = nil end
          next(t)
          for i = 1, 20000 do t[i] = i end
        end
        """),
    Attack(
      "next over a million holes", .timedOut,
      source:
        "local t = {} for i = 1, 1e6 do t[i] = 1 end for i = 1, 1e6 do t[i] = nil end while true do next(t) end"
    ),
    Attack("a tail call of itself", .timedOut, source: "local function f() return f() end f()"),
    Attack(
      "mutual tail calls", .timedOut,
      source: "local g local function f() return g() end g = function() return f() end f()"),
    Attack(
      "a tree of calls", .timedOut,
      source: "local function fib(n) return n < 2 and n or fib(n - 1) + fib(n - 2) end fib(80)"),
    Attack(
      "arithmetic on texts", .timedOut,
      source: "local s = '1' while true do s = ((s + 1) % 1000) .. '' end"),
    Attack(
      "closures made in a loop", .timedOut,
      source: "while true do local x = 1 local f = function() x = x + 1 end end"),
    Attack(
      "varargs", .timedOut,
      source:
        "local function f(...) return select('#', ...) end local t = table.pack(table.unpack({}, 1, 200)) while true do f(table.unpack(t, 1, 200)) end"
    ),
  ]

  static let protectedCalls: [Attack] = [
    Attack(
      "a loop in pcall in a loop", .timedOut,
      source: "while true do pcall(function() while true do end end) end"),
    Attack(
      "a tower of pcall", .timedOut,
      source: """
        local function tower(n)
          while true do
            if n == 0 then while true do end end
            pcall(tower, n - 1)
          end
        end
        tower(150)
        """),
    Attack(
      "a tower of pcall of pcall", .timedOut,
      source:
        "while true do pcall(pcall, pcall, pcall, pcall, function() while true do end end) end"),
    Attack(
      "a tower of xpcall", .timedOut,
      source: """
        local function tower(n)
          while true do
            if n == 0 then while true do end end
            xpcall(tower, function(e) return e end, n - 1)
          end
        end
        tower(100)
        """),
    Attack(
      "an xpcall handler that loops", .timedOut, .evicted,
      source: "xpcall(error, function() while true do end end, 'x')"),
    Attack(
      "an xpcall handler that loops in pcall", .timedOut, .evicted,
      source:
        "while true do xpcall(error, function() while true do pcall(function() while true do end end) end end) end"
    ),
    Attack(
      "an error in a handler", .timedOut,
      source: "while true do xpcall(error, function(e) error(e) end, 'x') end"),
    Attack(
      "a handler that calls xpcall", .timedOut, .evicted,
      source: "local function h() xpcall(error, h) end while true do xpcall(error, h) end"),
    Attack(
      "a handler that keeps and raises again", .timedOut,
      source: """
        local kept = {}
        while true do
          xpcall(function() while true do end end, function(e) kept[#kept + 1] = e error(e, 0) end)
          for _, e in ipairs(kept) do pcall(error, e, 0) end
        end
        """),
    Attack(
      "an error that is caught and raised again", .timedOut,
      source: """
        while true do
          local ok, e = pcall(function() while true do end end)
          pcall(error, e, 0)
        end
        """),
    Attack(
      "assert in a loop", .timedOut, source: "while true do pcall(assert, false, {}) end"),
    Attack(
      "a __close that errors", .timedOut,
      source:
        "local x <close> = setmetatable({}, { __close = function() error('no') end }) while true do end"
    ),
    Attack(
      "a __close that errors in a loop of pcall", .timedOut,
      source: """
        local mt = { __close = function() error('no') end }
        while true do pcall(function() local x <close> = setmetatable({}, mt) while true do end end) end
        """),
    Attack(
      "a __close that loops", .dropped,
      source:
        "local x <close> = setmetatable({}, { __close = function() while true do end end }) while true do end"
    ),
    Attack(
      "a __close that loops in pcall", .dropped,
      source: """
        local spin = function() while true do end end
        local x <close> = setmetatable({}, { __close = function() while true do pcall(spin) end end })
        while true do end
        """),
    Attack(
      "a tower of __close", .dropped,
      source: """
        local mt = { __close = function() while true do pcall(function() while true do end end) end end }
        local function tower(n)
          local x <close> = setmetatable({}, mt)
          if n == 0 then while true do end end
          tower(n - 1)
        end
        tower(100)
        """),
    Attack(
      "a __close that sleeps", .dropped,
      source:
        "local x <close> = setmetatable({}, { __close = function() while true do sleep(10) end end }) while true do end"
    ),
    Attack(
      "a __close that loops in a comparator", .dropped,
      source: """
        table.sort({ 3, 1, 2 }, function()
          local x <close> = setmetatable({}, { __close = function() while true do end end })
          while true do end
        end)
        """),
    Attack(
      "a __close that waits while it is interrupted asleep", .dropped,
      source:
        "local x <close> = setmetatable({}, { __close = function() sleep(100) end }) sleep(100)"),
  ]

  static let metamethods: [Attack] = [
    Attack(
      "__index", .timedOut,
      source:
        "local t = setmetatable({}, { __index = function(t, k) while true do end end }) return t.x"),
    Attack(
      "__index of itself", .timedOut,
      source:
        "local t = setmetatable({}, {}) getmetatable(t).__index = t while true do pcall(function() return t.x end) end"
    ),
    Attack(
      "__index that recurses", .failed, .timedOut,
      source:
        "local t = setmetatable({}, { __index = function(t, k) return t[k .. 'x'] end }) return t.x"
    ),
    Attack(
      "__newindex", .timedOut,
      source:
        "local t = setmetatable({}, { __newindex = function() while true do end end }) t.x = 1"),
    Attack(
      "__call", .timedOut,
      source: "local t = setmetatable({}, { __call = function(t) return t() end }) t()"),
    Attack(
      "__eq", .timedOut,
      source:
        "local mt = { __eq = function() while true do end end } return setmetatable({}, mt) == setmetatable({}, mt)"
    ),
    Attack(
      "__lt", .timedOut,
      source:
        "local mt = { __lt = function() while true do end end } return setmetatable({}, mt) < setmetatable({}, mt)"
    ),
    Attack(
      "__le", .timedOut,
      source:
        "local mt = { __le = function() while true do end end } return setmetatable({}, mt) <= setmetatable({}, mt)"
    ),
    Attack(
      "__concat", .timedOut,
      source: "return setmetatable({}, { __concat = function() while true do end end }) .. 'x'"),
    Attack(
      "__len", .timedOut,
      source: "return #setmetatable({}, { __len = function() while true do end end })"),
    Attack(
      "__unm and __add", .timedOut,
      source:
        "local mt = {} local t = setmetatable({}, mt) mt.__add = function(a, b) return -a + b end mt.__unm = function(a) return a end while true do local x = pcall(function() return t + t end) end"
    ),
    Attack(
      "__tostring", .timedOut,
      source: "return tostring(setmetatable({}, { __tostring = function() while true do end end }))"
    ),
    Attack(
      "__pairs", .timedOut,
      source:
        "for _ in pairs(setmetatable({}, { __pairs = function(t) return function() return 1 end, t end })) do end"
    ),
    Attack(
      "__gc", .timedOut,
      source: """
        assert(not pcall(setmetatable, {}, { __gc = function() while true do end end }))
        local mt = {}
        local t = setmetatable({}, mt)
        mt.__gc = function() while true do end end
        t = nil
        for i = 1, 1000 do collectgarbage("step") end
        while true do end
        """),
    Attack(
      "globals that loop", .failed,
      source:
        "setmetatable(_G, { __index = function() while true do end end, __newindex = function() while true do end end }) return nothing"
    ),
    Attack(
      "an error object that loops", .timedOut,
      source:
        "error(setmetatable({}, { __tostring = function() while true do end end, __index = function() while true do end end }))"
    ),
    Attack(
      "a result that loops", .succeeded,
      source:
        "return setmetatable({}, { __pairs = function() while true do end end, __index = function() while true do end end, __len = function() while true do end end })"
    ),
  ]
}
