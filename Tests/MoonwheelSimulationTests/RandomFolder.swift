import Layers
import Moonwheel
import TestSupport

/// Random scripts that use every kind of trigger, option and function.
struct RandomFolder {
  let scripts: [(name: String, source: String)]

  init(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    scripts = (0..<random.next(in: 1...4)).map { number in
      let jobs = (0..<random.next(in: 1...5)).map { Self.job($0, &random) }
      return ("s\(number).lua", Self.head + jobs.joined(separator: "\n"))
    }
  }

  private static let head = """
    local memory = {}
    local function note(key) memory[key] = (memory[key] or 0) + 1 memory[{}] = key end
    local function forget() for k in pairs(memory) do if type(k) == 'table' then memory[k] = nil end end end
    local function walk()
      local parts = {}
      for k, v in pairs(memory) do parts[#parts + 1] = tostring(k) .. "=" .. tostring(v) end
      return table.concat(parts, " ")
    end
    on("ping.*", { name = "pong" }, function(e) note("pong" .. tostring(e.payload)) print("pong", e.payload, walk()) end)
    job("kept", { state = { n = 0 }, run = function(run) run.state.n = run.state.n + 1 return run.state.n end })

    """

  private static let triggers = [
    #"every("7s""#, #"every("13s""#, #"every("1m""#, #"cron("*/2 * * * *""#, #"cron("H * * * *""#,
    #"every("5 to 20 seconds""#, #"every("minute at :17""#, #"every("day at 02:30""#,
    #"cron("~ * * * *""#,
  ]

  private static let options = [
    "jitter = '3s'", "overlap = 'queue'", "overlap = 'allow'", "overlap = 'replace'",
    "retry = { max = 2, from = '5s' }", "timeout = '4s'", "isolate = 'run'", "catchup = 'all'",
    "times = 5", "grace = '1s'",
  ]

  private static let bodies = [
    "print(walk()) forget()", "note(math.random(5)) print(math.random(100), {}, print)",
    "sleep(math.random() * 9)",
    "print(json.encode { n = run.n, id = hash.uuid(), at = hash.uuid(7), t = { x = json.null, y = { now() } } })",
    "local t = {} for i = 1, 200 do t['k' .. math.random(999)] = ('é'):rep(i) end print(os.clock(), #json.encode(t), os.clock())",
    "print(pcall(json.encode, { 1, 2, x = walk, [true] = 1, y = { [1.5] = 1, z = 2 } }))",
    "emit('ping.' .. math.random(3), run.n) note('emit')",
    "if math.random() < 0.4 then error('unlucky ' .. math.random(9)) end",
    "print(wait('ping.*', '3s'))", "jobs.kept:trigger()",
    "after(math.random(4), function() print('later', walk()) end)",
    "for i = 1, 300 do note(i % 7) end", "jobs.kept:after('11s')",
    "note(os.date()) print(os.time(), now(), os.clock())", "return { n = run.n, [run.n] = walk() }",
  ]

  private static func job(_ number: Int, _ random: inout SplitMix64) -> String {
    // A jitter must be shorter than the gap, and a random gap takes none.
    var given: Set<String> = Set(
      (0..<random.next(in: 0...3)).map { _ in random.pick(Self.options) })
    let trigger = random.pick(Self.triggers)
    if trigger.contains(" to ") { given.remove("jitter = '3s'") }
    let overlaps = given.filter { $0.hasPrefix("overlap") }.sorted().dropFirst()
    given.subtract(overlaps)
    let list = (["name = 'job \(number)'"] + given.sorted()).joined(separator: ", ")
    let body = (0..<random.next(in: 1...3)).map { _ in random.pick(Self.bodies) }
    // A return must be the last statement.
    let lines =
      body.filter { !$0.hasPrefix("return") } + body.filter { $0.hasPrefix("return") }.prefix(1)
    return "\(trigger), { \(list) }, function(run)\n  \(lines.joined(separator: "\n  "))\nend)\n"
  }
}
