-- Callbacks of one script take turns. With `isolate = "run"` each run has its own Lua state, in which the
-- script is loaded again: such runs go in parallel, and share nothing.

local function primes(from, to)
  local count = 0
  for n = from, to do
    local is_prime = n > 1
    for d = 2, math.floor(n ^ 0.5) do
      if n % d == 0 then is_prime = false break end
    end
    if is_prime then count = count + 1 end
  end
  return count
end

local sieve = job("sieve", {
  isolate = "run", memory = "16 MiB", overlap = "allow", timeout = "10s",
  run = function(run)
    print(primes(run.args.from, run.args.to) .. " primes from " .. run.args.from)
  end,
})

every("20s", { name = "mathematician" }, function()
  for from = 1, 100001, 50000 do sieve:trigger { from = from, to = from + 49999 } end
end)
