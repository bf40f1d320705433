extension FuzzScript {
  /// The Lua code that draws and makes the calls. It copies the functions that it needs, since a call may remove
  /// globals.
  static let driver = #"""
    local pcall, select, type, error, tostring, setmetatable = pcall, select, type, error, tostring, setmetatable
    local pairs, next, load, unpack, concat, sort = pairs, next, load, table.unpack, table.concat, table.sort
    local find, gmatch = string.find, string.gmatch
    local every, cron, at, after, on, job, emit, trigger = every, cron, at, after, on, job, emit, trigger

    local function draw(count)
      seed = seed ~ (seed << 13)
      seed = seed ~ (seed >> 7)
      seed = seed ~ (seed << 17)
      return (seed >> 1) % count + 1
    end

    local S = {}

    local function expressions(text)
      local list = {}
      for line in gmatch(text, "%s*([^\n]+)") do
        local make = load("local S = ... return " .. line)
        if not make then error("fuzz: " .. line) end
        list[#list + 1] = { text = line, make = make }
      end
      return list
    end

    local values, lengths, specs = expressions(values_text), expressions(lengths_text), expressions(specs_text)

    local function pick(list)
      local item = list[draw(#list)]
      local ok, a, b = pcall(item.make, S)
      if not ok then return "nil", nil end
      return item.text, a, b
    end

    local function value()
      if draw(5) == 1 then return pick(lengths) end
      return pick(values)
    end

    local depth = 0
    local say_text = { "50ms", "1s" }

    -- Calls ------------------------------------------------------------------------------------------------------------

    -- The tables of modules are made at their first use.
    local _ = kv

    local words, skipped = {}, {
      string = true, table = true, utf8 = true, package = true, note = true, start = true,
      scheduler = true, clear = true,
    }
    local function word(name, call) words[#words + 1] = { name = name, call = call } end

    local function collect(prefix, from, is_inner)
      for name, item in next, from do
        if type(name) == "string" and not skipped[name] then
          if type(item) == "function" then word(prefix .. name, item) end
          if type(item) == "table" and item ~= _G and not is_inner then collect(name .. ".", item, true) end
        end
      end
    end
    -- The table of a standard module is made when it is read first.
    for _, name in ipairs { "fs" } do local _ = _G[name] end
    collect("", _G)

    for name in gmatch("trigger after at pause resume cancel reschedule next history explain", "%S+") do
      word("job:" .. name, function(...) return S.job[name](S.job, ...) end)
      word("ended:" .. name, function(...) return S.ended[name](S.ended, ...) end)
      word("handler:" .. name, function(...) return S.handler[name](...) end)
    end
    for name in gmatch("next_run last_run paused name tags x", "%S+") do
      word("job." .. name, function() return S.job[name], S.ended[name], S.private[name] end)
    end
    for name in gmatch("id job n attempt scheduled_at fired_at late args event state cancelled x", "%S+") do
      word("run." .. name, function(new)
        S.run[name] = new
        return S.run[name], S.old[name]
      end)
    end
    for name in gmatch("progress retry sleep", "%S+") do
      word("run:" .. name, function(...) return S.run[name](S.run, ...) end)
      word("old:" .. name, function(...) return S.old[name](...) end)
    end
    -- These words could stop all jobs; limit them, so that the fuzz test continues.
    word("scheduler", function(...)
      local ok, why = scheduler.pause(...)
      return ok, why, scheduler.resume(...)
    end)
    word("clear", function(tag) return tag ~= nil and clear(tag) end)
    word("index", function(of, key) return of[key] end)
    word("set index", function(of, key, to) of[key] = to end)
    word("call", function(f, ...) return f(...) end)
    word("jobs[]", function(key) return jobs[key] end)
    word("tostring", function(a) return tostring(a), tostring(S.trigger), tostring(S.job), tostring(S.ended) end)
    word("trigger:next", function(...) return S.trigger:next(...), S.span:next(...) end)
    word("|", function(a) S.trigger = S.trigger | a end)
    word("&", function(a) S.span = S.span & a end)
    word("-", function(a) S.span = a - S.span end)
    word("state", function(a, b) S.run.state[a] = b end)
    word("in a coroutine", function(f, ...) return coroutine.wrap(f)(...) end)
    word("in a comparator", function(f, ...)
      local more = { ... }
      return table.sort({ 1, 2, 3 }, function() return f(unpack(more)) end)
    end)

    local options = {
      "name", "tags", "priority", "tz", "gap", "fold", "lat", "lon", "now", "fixed_delay", "overlap", "backlog",
      "queue", "max_instances", "args", "paused", "timeout", "cpu", "from", "till", "times", "jitter", "grace", "catchup",
      "catchup_limit", "memory", "retry", "restart", "history", "isolate", "when", "state", "debounce", "batch",
      "on_success", "on_failure", "on_retry", "on_missed", "x",
    }
    local choices = {
      gap = { "after", "shift", "skip" }, fold = { "first", "last", "both" },
      overlap = { "skip", "queue", "replace", "allow" }, catchup = { "none", "latest", "all" },
      isolate = { "script", "run" }, now = { true }, fixed_delay = { true }, backlog = { 1, 5, 1000000 },
      queue = { 1, 5 },
      lat = { 52.5, -90, 90, 0/0 }, lon = { 13.4, -180, 180, 1/0 }, memory = { "1 MiB", 1 << 20, "512 MiB" },
      priority = { -1000000, 1000000, 1 }, restart = { true }, batch = { 1, 1000000 }, times = { 1, 1000000000 },
      from = { "1s", "106751d", 9e9 - 1, "2261-12-31" }, till = { "1s", "106751d", 9e9 - 1, "23:59" },
    }
    local durations = { jitter = 1, grace = 1, debounce = 1, timeout = 1, cpu = 1, retry = 1, from = 1, till = 1 }

    local function options_table()
      local table, text = {}, {}
      for _ = 1, draw(4) - 1 do
        local name = options[draw(#options)]
        local shown, item
        if choices[name] and draw(3) > 1 then
          item = choices[name][draw(#choices[name])]
          shown = tostring(item)
        elseif durations[name] and draw(2) == 1 then
          shown, item = pick(lengths)
        elseif find(name, "^on_") or name == "when" then
          shown, item = "S.F", S.F
        else
          shown, item = value()
        end
        if type(item) == "string" and item ~= "" and name == "name" then item = item:sub(1, 100) end
        table[name] = item
        text[#text + 1] = name .. " = " .. shown
      end
      return "{ " .. concat(text, ", ") .. " }", table
    end

    local registering = { every = every, cron = cron, at = at, after = after, on = on, trigger = trigger }

    local function register()
      local shown, name, spec = pick(specs)
      if draw(6) == 1 then
        local other
        other, spec = value()
        shown = name .. ", " .. other
      end
      local text, table = options_table()
      note("register " .. shown .. " " .. text)
      local ok, handle
      if draw(4) == 1 then
        local made, t = pcall(registering[name], spec)
        table.on, table.run = made and t or nil, S.F
        ok, handle = pcall(job, "job" .. draw(20), table)
      else
        ok, handle = pcall(registering[name], spec, table, S.F)
      end
      if ok and type(handle) == "userdata" then
        S.ended, S.job = S.job, handle
      end
    end

    local function call()
      if draw(4) == 1 then return register() end
      local item = words[draw(#words)]
      local count = draw(5) - 1
      local shown, given = {}, {}
      for i = 1, count do shown[i], given[i] = value() end
      note(item.name .. "(" .. concat(shown, ", ") .. ")")
      local ok, result = pcall(item.call, unpack(given, 1, count))
      if ok and type(result) == "userdata" and draw(3) == 1 then S.job = result end
    end

    -- What is called back ----------------------------------------------------------------------------------------------

    local function act(run)
      if depth > 1 then return end
      depth = depth + 1
      if type(run) == "userdata" then S.old, S.run = S.run, run end
      for _ = 1, draw(calls) do call() end
      depth = depth - 1
    end

    function S.F(run, ...)
      act(run)
      local _, result = value()
      local way = draw(40)
      if way <= 6 then error(result) end
      if way == 7 then return cancel end
      return result
    end

    function S.say(after_)
      if draw(4) == 1 then act() end
      if draw(3) == 1 then
        local _, result = value()
        return result
      end
      return after_ + draw(3)
    end

    function start()
      start = nil
      sort(words, function(a, b) return a.name < b.name end)
      S.cycle = {}
      S.cycle.x = S.cycle
      S.deep, S.deeper, S.wide = {}, {}, {}
      for _ = 1, 60 do S.deep = { S.deep } end
      for _ = 1, 5000 do S.deeper = { S.deeper } end
      for i = 1, 3000 do S.wide[i] = i end
      local function raise() error("raised") end
      S.raiser = setmetatable({}, {
        __index = raise, __newindex = raise, __len = raise, __pairs = raise, __tostring = raise, __name = "raiser",
        __concat = raise, __eq = raise, __lt = raise, __call = raise, __close = raise, __bor = raise,
      })
      S.liar = setmetatable({ 1 }, {
        __len = function() return 1 << 62 end, __index = function(_, key) return key end, __name = 7,
        __tostring = function() return 7 end, __pairs = function() return function() return 1 end end,
      })
      S.weak = setmetatable({}, { __mode = "kv", __metatable = "x" })
      S.coroutine = coroutine.create(S.F)
      S.trigger, S.span, S.on = every("10s"), between("09:00", "17:00"), on("x")
      S.job = job("held", { run = S.F })
      S.private = job("private", { isolate = "run", run = S.F })
      S.handler = on("fuzz.a", { name = "handler" }, S.F)
      S.ended = S.job
      defaults { timeout = "300ms" }
      for _ = 1, calls * 4 do call() end
      pcall(defaults, { timeout = "300ms", isolate = false, memory = false, paused = false })
      for i = 1, 10 do
        pcall(every, 0.04 + i / 1000, { name = "fuzz " .. i, timeout = "300ms", overlap = i > 5 and "allow" or nil }, S.F)
      end
      pcall(every, "70ms", { name = "stateful", state = {}, timeout = "300ms" }, S.F)
      pcall(every, "300ms", { name = "hooked", timeout = "300ms", on_failure = S.F, on_success = S.F, when = S.F }, S.F)
      pcall(trigger, S.say, { name = "asked" }, S.F)
      pcall(after, "10ms", { name = "first" }, function()
        local ended = after("1ms", { name = "ended" }, function() end)
        sleep("20ms")
        S.ended = ended
      end)
    end
    """#
}
