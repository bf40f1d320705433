extension Attack {
  static let loopsInC: [Attack] = [
    Attack("string.rep of nothing", .evicted, source: "string.rep('', 1e18)"),
    Attack("table.move", .evicted, source: "table.move({}, 1, math.maxinteger - 1, 2)"),
    Attack(
      "table.move in pcall", .evicted,
      source: "while true do pcall(table.move, {}, 1, math.maxinteger - 1, 2) end"),
    Attack(
      "table.insert with __len", .evicted, .failed,
      source:
        "table.insert(setmetatable({}, { __len = function() return math.maxinteger - 1 end }), 1, 1)"
    ),
    Attack(
      "table.remove with __len", .evicted, .failed,
      source:
        "table.remove(setmetatable({}, { __len = function() return math.maxinteger - 1 end }), 1)"),
    Attack(
      "table.concat with __len", .timedOut, .failed,
      source:
        "table.concat(setmetatable({}, { __len = function() return math.maxinteger end, __index = function() return '' end }))"
    ),
    Attack("table.unpack", .failed, source: "return table.unpack({}, 1, 1e8)"),
    Attack(
      "table.unpack in a loop", .timedOut,
      source: "while true do pcall(table.unpack, {}, 1, 1e6) end"),
    Attack(
      "table.sort with a mad comparator", .timedOut,
      source:
        "local t = {} for i = 1, 1000 do t[i] = i end while true do pcall(table.sort, t, function() return true end) end"
    ),
    Attack(
      "table.sort with a slow comparator", .timedOut,
      source: "table.sort({ 1, 2, 3 }, function() for i = 1, 1e12 do end end)"),
    Attack(
      "table.sort with __len", .timedOut, .failed,
      source:
        "table.sort(setmetatable({}, { __len = function() return 2147483646 end, __index = function() return 1 end, __newindex = function() end }))"
    ),
    Attack(
      "table.sort of a huge table", .timedOut, .evicted,
      source:
        "local t = {} for i = 1, 2e6 do t[i] = (i * 7919) % 1000003 end while true do table.sort(t) end"
    ),
    Attack(
      "json.decode", .timedOut,
      source:
        "local t = '[\"' .. ('x\\\\n'):rep(1e6) .. '\",' .. ('{\"a\":[]},'):rep(2e4) .. '1]' while true do json.decode(t) end"
    ),
    Attack(
      "json.decode of one long string", .timedOut,
      source:
        "local t = '\"' .. ('x'):rep(1e4):rep(1500) .. '\"' while true do pcall(json.decode, t) end"
    ),
    Attack(
      "json.encode of many keys", .timedOut,
      source: "local t = {} for i = 1, 5e4 do t['k' .. i] = i end while true do json.encode(t) end"
    ),
    Attack(
      "json.encode where it cannot wait", .timedOut,
      source:
        "local t = ('\\n'):rep(1e6) table.sort({ 1, 2 }, function() while true do json.encode(t) end end)"
    ),
    Attack(
      "json.lines of blank lines", .timedOut,
      source:
        "local t = ('\\n'):rep(1e4):rep(1500) while true do for _ in json.lines(t) do end end"),
    Attack(
      "digests", .timedOut,
      source:
        "local t = ('x'):rep(1e4):rep(2000) while true do hash.sha256(t) hash.hmac('k', t) end"),
    Attack("string.format", .timedOut, source: "while true do ('%99.99f'):format(1e308) end"),
    Attack(
      "string.format with __tostring", .timedOut,
      source: "('%s'):format(setmetatable({}, { __tostring = function() while true do end end }))"),
    Attack(
      "utf8.len", .timedOut, .evicted,
      source: "local s = ('x'):rep(2e7) while true do utf8.len(s) end"),
    Attack(
      "utf8.codes", .timedOut,
      source: "local s = ('x'):rep(1e6) while true do for _ in utf8.codes(s) do end end"),
    Attack(
      "utf8.offset", .timedOut, .evicted,
      source: "local s = ('x'):rep(2e7) while true do utf8.offset(s, 2e7) end"),
    Attack(
      "select", .timedOut, source: "while true do select('#', table.unpack({}, 1, 200000)) end"),
    Attack(
      "a comparison of long texts", .timedOut, .evicted,
      source:
        "local a, b = ('\\0'):rep(1e7) .. 'a', ('\\0'):rep(1e7) .. 'b' while true do local c = a < b end"
    ),
    Attack(
      "upper and reverse", .timedOut, .evicted,
      source: "local s = ('x'):rep(1e7) while true do s = s:upper():reverse():lower() end"),
    Attack(
      "string.byte", .timedOut,
      source: "local s = ('x'):rep(1e6) while true do pcall(string.byte, s, 1, -1) end"),
    Attack("string.pack", .timedOut, source: "while true do pcall(string.pack, ('z'):rep(50)) end"),
    Attack("load with an endless reader", .timedOut, source: "load(function() return ' ' end)"),
    Attack(
      "load with an endless reader in pcall", .timedOut,
      source: "while true do pcall(load, function() return 'x=1 ' end) end"),
    Attack(
      "load with a reader that loops", .timedOut, source: "load(function() while true do end end)"),
    Attack(
      "load with a reader that waits", .failed,
      source: "assert(load(function() sleep(1) return nil end))"),
    Attack(
      "load of deep brackets", .timedOut, .evicted,
      source: "while true do load('return ' .. ('('):rep(100000)) end"),
    Attack(
      "load of deep functions", .timedOut, .evicted,
      source: "while true do load(('function f() '):rep(10000)) end"),
    Attack(
      "load of a long text", .timedOut, .evicted, source: "while true do load((' '):rep(2e7)) end"),
    Attack(
      "load of a long program", .failed, .timedOut, .evicted,
      source: "while true do load(('x = x + 1 '):rep(2e6)) end"),
    Attack(
      "tonumber of a long text", .timedOut, .evicted,
      source: "local s = ('1'):rep(1e7) while true do tonumber(s, 10) end"),
  ]

  /// Each may fail at the memory cap or reach its time limit before, depending on the machine.
  static let memory: [Attack] = [
    Attack(
      "a table that grows", .failed, .timedOut, .evicted,
      source: "local t = {} while true do t[#t + 1] = {} end"),
    Attack(
      "a hash that grows", .failed, .timedOut, .evicted,
      source: "local t, i = {}, 0.5 while true do t[i] = i i = i + 1 end"),
    Attack(
      "a text that doubles", .failed, .timedOut, .evicted,
      source: "local s = 'x' while true do s = s .. s end"),
    Attack("string.rep", .failed, .timedOut, .evicted, source: "return ('x'):rep(1e10)"),
    Attack(
      "string.rep by doubling", .failed, .timedOut, .evicted,
      source: "local n = 1 while true do n = n * 2 local s = ('x'):rep(n) end"),
    Attack(
      "texts", .failed, .timedOut, .evicted,
      source: "local t, i = {}, 0 while true do i = i + 1 t[i] = ('%099d'):format(i) end"),
    Attack(
      "closures", .failed, .timedOut, .evicted,
      source:
        "local t = {} while true do local a, b, c = 1, 2, 3 t[#t + 1] = function() return a, b, c end end"
    ),
    Attack(
      "upvalues", .failed, .timedOut, .evicted,
      source: "local f = function() end while true do local g = f f = function() return g() end end"
    ),
    Attack(
      "coroutines", .failed, .timedOut, .evicted,
      source:
        "local t = {} while true do local co = coroutine.create(function() coroutine.yield() end) coroutine.resume(co) t[#t + 1] = co end"
    ),
    Attack(
      "recursion", .failed, .timedOut, .evicted, source: "local function f() return f() + 1 end f()"
    ),
    Attack(
      "recursion in both", .failed, .timedOut, .evicted,
      source: "local g local function f() return g() + 1 end g = function() return f() + 1 end f()"),
    Attack(
      "recursion with varargs", .failed, .timedOut, .evicted,
      source: "local function f(...) return f(1, ...) + 1 end f()"),
    Attack(
      "recursion in pcall", .failed, .timedOut, .evicted,
      source: "local function f() return f() + 1 end while true do pcall(f) end"),
    Attack(
      "recursion through pcall", .failed, .timedOut, .evicted,
      source: "local function f() pcall(f) f() end f()"),
    Attack(
      "recursion through tostring", .failed, .timedOut, .evicted,
      source:
        "local t t = setmetatable({}, { __tostring = function() return tostring(t) end }) return tostring(t)"
    ),
    Attack(
      "a table in pcall in a loop", .failed, .timedOut, .evicted,
      source:
        "while true do pcall(function() local t = {} while true do t[#t + 1] = {} end end) end"),
    Attack(
      "a text in pcall in a loop", .failed, .timedOut, .evicted,
      source: "while true do pcall(function() local s = 'x' while true do s = s .. s end end) end"),
    Attack(
      "table.concat", .failed, .timedOut, .evicted,
      source: "local t = {} for i = 1, 1000 do t[i] = ('x'):rep(100000) end return table.concat(t)"),
    Attack(
      "gsub", .failed, .timedOut, .evicted,
      source: "return (('x'):rep(1e7)):gsub('x', 'xxxxxxxxxxxxxxxx')"),
    Attack(
      "garbage", .failed, .timedOut, .evicted,
      source:
        "local kept = {} for i = 1, 100000 do kept[i] = { i } end while true do local t = { {}, {}, {} } end"
    ),
    Attack(
      "a list linked through a million tables", .failed, .timedOut, .evicted,
      source: "local l while true do l = { next = l } end"),
    Attack("an error of 30 MB", .failed, .timedOut, .evicted, source: "error(('x'):rep(3e7))"),
    Attack(
      "a function with a name of 500 KB", .failed, .timedOut, .evicted,
      source: """
        local n = ("n"):rep(500000)
        load("local t = ... ; t." .. n .. " = function(k) if k == 0 then error('x') end t." .. n .. "(k - 1) return 1 end t." .. n .. "(100)")({})
        """),
    Attack(
      "more results than the stack holds", .succeeded, .failed,
      source: "local t = {} return table.unpack(t, 1, 100000)"),
  ]

  static let floods: [Attack] = [
    Attack("events", .timedOut, source: "while true do emit('flood.none', { 1 }) end"),
    Attack(
      "events to itself", .timedOut,
      preamble: "on('flood.self', function() end)",
      source: "while true do emit('flood.self', { 1 }) end"),
    Attack(
      "a chain of events to itself", .succeeded,
      preamble: "on('flood.chain', function() emit('flood.chain') emit('flood.chain') end)",
      source: "emit('flood.chain')"),
    Attack(
      "events with big payloads", .timedOut, .evicted,
      source: "local t = {} for i = 1, 10000 do t[i] = i end while true do emit('flood.big', t) end"
    ),
    Attack(
      "payloads that cannot leave", .timedOut,
      source: "local t = {} t.t = t while true do pcall(emit, 'flood.cycle', t) end"),
    Attack(
      "a deep payload", .timedOut,
      source:
        "local t = {} for i = 1, 100000 do t = { t } end while true do pcall(emit, 'flood.deep', t) end"
    ),
    Attack("timers", .timedOut, .failed, source: "while true do after('1h', function() end) end"),
    Attack(
      "timers that are due", .timedOut, .failed,
      source: "while true do after('10ms', function() end) end"),
    Attack(
      "timers in pcall", .timedOut, source: "while true do pcall(after, '1h', function() end) end"),
    Attack(
      "jobs", .timedOut, .failed,
      source:
        "local i = 0 while true do i = i + 1 every('1h', { name = 'job' .. i }, function() end) end"
    ),
    Attack(
      "handlers", .timedOut, .failed,
      source:
        "local i = 0 while true do i = i + 1 on('flood.h' .. i, { name = 'h' .. i }, function() end) end"
    ),
    Attack(
      "cron texts", .timedOut, .failed, source: "while true do cron('*/5 9-17 * * mon-fri') end"),
    Attack("logs", .timedOut, source: "while true do print('x') end"),
    Attack(
      "long logs", .timedOut, source: "local s = ('x'):rep(100000) while true do print(s) end"),
    Attack("short sleeps", .timedOut, source: "while true do sleep(0.0001) end"),
    Attack("short sleeps in pcall", .timedOut, source: "while true do pcall(sleep, 0.0001) end"),
    Attack("waits", .timedOut, source: "while true do wait('flood.never', 0.0001) end"),
    Attack(
      "one long wait in pcall", .timedOut,
      source: "while true do pcall(wait, 'flood.never', 100) end"),
    Attack(
      "triggers", .timedOut, .failed,
      preamble: "local j = job('triggered', { run = function() end })",
      source: "while true do j:trigger {} end"),
    Attack(
      "pause and resume", .timedOut, preamble: "local j = job('paused', { run = function() end })",
      source: "while true do j:pause() j:resume() end"),
    Attack("dates", .timedOut, source: "while true do date(now()) end"),
    Attack("os.date", .timedOut, source: "while true do os.date('%c', os.time()) end"),
    Attack(
      "run_all", .timedOut, .failed, preamble: "every('1h', function() end)",
      source: "while true do run_all() end"),
  ]

  static let escapes: [Attack] = [
    Attack(
      "debug", .succeeded,
      source:
        "assert(debug == nil or not (debug.sethook or debug.getregistry or debug.getinfo or debug.setmetatable or debug.getupvalue or debug.getlocal))"
    ),
    Attack(
      "debug.traceback in a loop", .timedOut,
      source: "while true do if debug then debug.traceback() end end"),
    Attack(
      "package", .succeeded,
      source:
        "assert(package == nil or not (package.loadlib or package.searchers or package.searchpath or package.cpath))"
    ),
    Attack(
      "os and io", .succeeded,
      source:
        "for _, n in ipairs { 'execute', 'exit', 'remove', 'rename', 'tmpname', 'setlocale' } do assert(rawget(os, n) == nil, n) end for _, n in ipairs { 'open', 'popen', 'lines', 'read' } do assert(io == nil or rawget(io, n) == nil, n) end assert(dofile == nil and loadfile == nil)"
    ),
    Attack(
      "the metatable of texts", .timedOut,
      source:
        "assert(getmetatable('') == 'string') assert(not pcall(setmetatable, '', {})) string.rep = nil string.find = function() while true do end end ('x'):find('x')"
    ),
    Attack(
      "bytecode", .succeeded,
      source:
        "assert(string.dump == nil) assert(load('\\27Lua', 'x', 't') == nil) assert(not pcall(load, '\\27Lua', 'x', 'b')) assert(load('\\27LuaT\\0\\25\\147\\r\\n\\26\\n') == nil) assert(load(function() return '\\27Lua' end) == nil)"
    ),
    Attack(
      "collectgarbage", .succeeded,
      source:
        "for _, o in ipairs { 'stop', 'restart', 'setpause', 'setstepmul', 'incremental', 'generational', 'isrunning' } do assert(not pcall(collectgarbage, o, 1000), o) end"
    ),
    Attack(
      "collectgarbage in a loop", .timedOut,
      source:
        "local t = {} for i = 1, 100000 do t[i] = {} end while true do collectgarbage() collectgarbage('step') end"
    ),
    Attack(
      "the metatable of a run", .succeeded,
      preamble: "local j = job('held', { run = function() end })",
      source: "assert(type(getmetatable(j)) ~= 'table') assert(not pcall(setmetatable, j, {}))"),
    Attack(
      "other globals", .timedOut,
      source:
        "pcall, error, xpcall, coroutine, setmetatable = nil local g = _G for k in next, g do g[k] = nil end while true do end"
    ),
    Attack(
      "require of a path", .succeeded,
      source:
        "for _, n in ipairs { '../../etc/passwd', '/etc/passwd', '..', 'a.b/../../c' } do assert(not pcall(require, n), n) end"
    ),
    Attack(
      "the coroutine of another run", .timedOut, preamble: "local kept",
      source: "kept = coroutine.running() while true do pcall(coroutine.close, kept) end"),
    Attack(
      "the load of what is given an environment", .timedOut,
      source: "load('while true do end', 'x', 't', {})()"),
  ]
}
