/// A program that only computes: its text defines a global function `program(size)`.
struct Program: Sendable {
  let name: String
  /// Chosen so that a call takes about a quarter of a second.
  let size: Int
  let text: String

  static let all = [
    Program(
      name: "fib", size: 250,
      text: """
        local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end
        function program(n) for _ = 1, n do assert(fib(22) == 17711) end end
        """),
    Program(
      name: "sieve", size: 60,
      text: """
        function program(n)
          for _ = 1, n do
            local flags, count = {}, 0
            for i = 2, 100000 do flags[i] = true end
            for i = 2, 100000 do
              if flags[i] then
                count = count + 1
                for k = i + i, 100000, i do flags[k] = false end
              end
            end
            assert(count == 9592)
          end
        end
        """),
    Program(
      name: "strings", size: 350_000,
      text: """
        function program(n)
          local parts = {}
          for i = 1, n do
            parts[#parts + 1] = ("%d:%s"):format(i, "item" .. i)
            if #parts == 1000 then
              local text = table.concat(parts, ",")
              assert(select(2, text:gsub("item", "x")) == 1000 and #text:upper() == #text)
              parts = {}
            end
          end
        end
        """),
    Program(
      name: "sort", size: 10,
      text: """
        function program(n)
          for round = 1, n do
            local values, seed = {}, round
            for i = 1, 50000 do
              seed = (seed * 1103515245 + 12345) % 2147483648
              values[i] = seed
            end
            table.sort(values, function(a, b) return a < b end)
            assert(values[1] <= values[50000])
          end
        end
        """),
    Program(
      name: "closures", size: 2_000_000,
      text: """
        local function counter(step)
          local value = 0
          return function() value = value + step return value end
        end
        function program(n)
          local sum = 0
          for i = 1, n do
            local next = counter(i)
            next()
            sum = sum + next()
          end
          return sum
        end
        """),
    Program(
      name: "coroutines", size: 1_500_000,
      text: """
        function program(n)
          local numbers = coroutine.wrap(function() for i = 1, n do coroutine.yield(i) end end)
          local sum = 0
          for i = 1, n do sum = sum + numbers() end
          for i = 1, n // 10 do
            local co = coroutine.create(function(a) return coroutine.yield(a) end)
            coroutine.resume(co, i)
            coroutine.resume(co, i)
          end
          return sum
        end
        """),
    Program(
      name: "pcall", size: 3_000_000,
      text: """
        local function work(i) if i % 100 == 0 then error("no", 0) end return i end
        function program(n)
          local good = 0
          for i = 1, n do if pcall(work, i) then good = good + 1 end end
          assert(good == n - n // 100)
        end
        """),
    Program(
      name: "metatables", size: 900_000,
      text: """
        local Point = {}
        Point.__index = Point
        Point.__add = function(a, b) return setmetatable({ x = a.x + b.x, y = a.y + b.y }, Point) end
        function Point:norm() return self.x * self.x + self.y * self.y end
        function program(n)
          local sum = setmetatable({ x = 0, y = 0 }, Point)
          local step = setmetatable({ x = 1, y = 2 }, Point)
          local total = 0
          for _ = 1, n do
            sum = sum + step
            total = total + sum:norm()
          end
          return total
        end
        """),
  ]
}
