import Testing

/// A program of about a second whose output depends on every step.
struct LongProgram: Sendable, CustomTestStringConvertible {
  var name: String
  var source: String

  var testDescription: String { name }

  static let all: [LongProgram] = [
    LongProgram(
      name: "JSON and digests",
      source: """
        print("begin")
        local rows, names = {}, {}
        for i = 1, 2000 do
          rows[i] = {
            id = i, name = "row " .. i, tags = { "a", json.null }, nested = { { {} }, json.object() }, part = i / 7,
            ["k" .. i % 50] = ("é\\n"):rep(i % 40),
          }
        end
        for i = 1, 20000 do names["key" .. (i * 7919) % 20011] = i end
        for round = 1, 4 do
          local text = json.encode(rows)
          local again = json.decode(text)
          print(round, #text, hash.sha256(text), json.encode(again) == text, hash.sha256(json.encode(names)))
          local lines, sum = {}, 0
          for i, row in ipairs(again) do lines[i] = json.encode(row) end
          for row, line in json.lines(table.concat(lines, "\\n")) do sum = sum + row.id * line end
          local long = ("\\\\u00e9x"):rep(50000)
          print(sum, #json.pretty(again), json.decode('"' .. long .. '"') == ("éx"):rep(50000))
          print(hash.from_base64(hash.base64(text)) == text, hash.from_hex(hash.hex(text)) == text)
        end
        """),
    LongProgram(
      name: "coroutines and sorting",
      source: """
        print("begin")
        local seed = 42
        local function random(n) seed = (seed * 1103515245 + 12345) % 2147483648 return seed % n end
        local function permutations(a, n)
          n = n or #a
          if n <= 1 then coroutine.yield(a) return end
          for i = 1, n do
            a[n], a[i] = a[i], a[n]
            permutations(a, n - 1)
            a[n], a[i] = a[i], a[n]
          end
        end
        local sum = 0
        for p in coroutine.wrap(function() permutations { 1, 2, 3, 4, 5, 6, 7, 8 } end) do
          sum = (sum * 31 + p[1] * 7 + p[8]) % 1000003
        end
        print("permutations", sum)
        for round = 1, 20 do
          local t = {}
          for i = 1, 3000 do t[i] = random(100000) end
          local compared = 0
          table.sort(t, function(a, b)
            compared = compared + 1
            if compared % 500 == 0 then
              a, b = coroutine.wrap(function(...) return ... end)(a, b)
            end
            return a < b
          end)
          for i = 2, #t do assert(t[i - 1] <= t[i]) end
          print(round, compared, t[1], t[1500], t[3000])
        end
        local function generator(n)
          return coroutine.wrap(function() for i = 1, n do coroutine.yield(i, i * i) end return nil end)
        end
        local function map(f, g) return coroutine.wrap(function() for a, b in g do coroutine.yield(f(a, b)) end end) end
        local total = 0
        for v in map(function(a) return a + 1 end, map(function(a, b) return a + b end, generator(40000))) do total = total + v end
        print("generators", total)
        """),
    LongProgram(
      name: "errors, closing and varargs",
      source: """
        print("begin")
        local order = {}
        local function guard(name)
          return setmetatable({}, { __close = function(_, e)
            order[#order + 1] = name .. ":" .. (type(e) == "table" and e.code or tostring(e))
            for i = 1, 200 do local _ = i * i end
          end })
        end
        local function deep(n, ...)
          if n == 0 then error({ code = select("#", ...) }) end
          local g <close> = guard("g" .. n % 3)
          return deep(n - 1, n, ...) , nil
        end
        local caught = 0
        for i = 1, 300 do
          local ok, e = pcall(deep, 20 + i % 20)
          assert(not ok)
          caught = caught + e.code
          local ok2, e2 = xpcall(function(...)
            for k = 1, select("#", ...) do
              local v = select(k, ...)
              if v == i % 10 then error("v" .. v, 0) end
            end
          end, function(m) return m .. "!" end, 1, 2, 3, 4, 5, 6, 7, 8, 9)
          order[#order + 1] = tostring(ok2) .. tostring(e2)
          if #order > 2000 then
            local h = 0
            for _, s in ipairs(order) do for c = 1, #s do h = (h * 33 + s:byte(c)) % 4294967291 end end
            print(i, caught, h)
            order = {}
          end
        end
        local co = coroutine.create(function()
          local a <close> = guard("a")
          local ok, e = pcall(function()
            local b <close> = guard("b")
            for i = 1, 20000 do coroutine.yield(i) end
            error("end", 0)
          end)
          return ok, e
        end)
        local sum = 0
        while true do
          local ok, v, w = coroutine.resume(co)
          assert(ok)
          if coroutine.status(co) == "dead" then print(v, w, sum, table.concat(order, ","):sub(-60)) break end
          sum = sum + v
        end
        for i = 1, 30000 do
          if i % 2 == 0 then goto continue end
          if i % 7 == 0 then goto continue end
          sum = sum ~ i
          ::continue::
        end
        print(sum)
        """),
    LongProgram(
      name: "texts, metatables and numbers",
      source: """
        print("begin")
        local Vector = {}
        Vector.__index = Vector
        Vector.__add = function(a, b) return setmetatable({ x = a.x + b.x, y = a.y + b.y }, Vector) end
        Vector.__mul = function(a, k) return setmetatable({ x = a.x * k, y = a.y * k }, Vector) end
        Vector.__eq = function(a, b) return a.x == b.x and a.y == b.y end
        Vector.__lt = function(a, b) return a.x < b.x end
        Vector.__tostring = function(v) return ("(%.6f,%.6f)"):format(v.x, v.y) end
        Vector.__concat = function(a, b) return tostring(a) .. tostring(b) end
        Vector.__len = function(v) return 2 end
        local v = setmetatable({ x = 0.1, y = 1 }, Vector)
        local w = v
        for i = 1, 100000 do
          w = w + v * (1 / i)
          if w < v then w = w * -1 end
          if i % 20000 == 0 then print(i, w, w .. v, #w, w == v) end
        end
        local memo = setmetatable({}, { __index = function(t, n)
          local r = n < 2 and n or (t[n - 1] + t[n - 2]) % 1000000007
          rawset(t, n, r)
          return r
        end })
        for i = 1, 20000 do local _ = memo[i] end
        print("memo", memo[20000])
        local parts = {}
        for i = 1, 20000 do
          parts[#parts + 1] = ("%d:%x:%5.2f"):format(i, i * 2654435761 % 4294967296, i / 7)
        end
        local text = table.concat(parts, ";")
        local count, digits = 0, 0
        text = text:gsub("%d+", function(d) count = count + 1 digits = digits + #d if count % 3 == 0 then return "<" .. d .. ">" end end)
        for word, hex in text:gmatch("(%d+):(%x+)") do digits = (digits * 31 + #word + #hex) % 1000003 end
        print(#text, count, digits, text:sub(1, 80), text:sub(-80))
        local int, float = math.mininteger, 1e300
        for i = 1, 200000 do
          int = (int ~ (int << 13)) ~ ((int ~ (int << 13)) >> 7)
          int = int ~ (int << 17)
          float = float / 1.000001 + int % 3
          if i % 50000 == 0 then print(int, ("%a"):format(float), int // 7, int % -13, float // 3, 7 // 0.0, -7 % math.huge) end
        end
        local function counter() local n = 0 return function(k) n = n + k return n end end
        local a, b = counter(), counter()
        local fs = {}
        for i = 1, 50000 do fs[i % 100 + 1] = function() return a(i) - b(1) end local _ = fs[i % 100 + 1]() end
        print(a(0), b(0), fs[7]())
        local t = {}
        for i = 1, 50000 do table.insert(t, (i * 7919) % 50021) if i % 3 == 0 then table.remove(t, #t // 2) end end
        table.sort(t)
        print(#t, t[1], t[#t], table.unpack(t, 100, 110))
        """),
  ]
}
