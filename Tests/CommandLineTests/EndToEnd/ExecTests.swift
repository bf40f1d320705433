import Testing

/// `exec`: one run of one job.
@Suite struct ExecTests {
  private static let scripts = [
    "a.lua": """
    local add = job("add", { args = { a = 1, b = 2 }, run = function(run)
      log.info("adding")
      sleep(0.01)
      return run.args.a + run.args.b
    end })
    every("1ms", { name = "noisy", now = true }, function() print("noise") end)
    job("kinds", { run = function(run) return { 1, 2.5, true, "x\\n", {}, { k = run.args } } end })
    job("bad", { retry = 5, on_failure = function() print("hook") end, run = function() error("broken") end })
    job("slow", { timeout = "50ms", run = function() sleep("1h") end })
    job("spin", { timeout = "50ms", run = function() while true do end end })
    job("never", { when = function() return false end, run = print })
    job("once", { run = function() return cancel end })
    job("other", { run = function() return (select(2, add:trigger())) end })
    job("state", { state = { n = 5 }, run = function(run) run.state.n = run.state.n + 1 return run.state end })
    job("own", { isolate = "run", run = function(run) return run.attempt end })
    on("x", { name = "handler" }, function(e) return e end)
    on("shop.*", { name = "shop" }, function(e, run) return { e.payload, e.name, run.args == nil, run.event.payload } end)
    on("y", { name = "gathered", batch = 10 }, function(events) return { #events, events[1].payload } end)
    job("embedded", { run = function() return shop.price("tea") end })
    job("word", { run = function() return sql.open("x") end })
    """,
    "b.lua": "job('shared', { run = print })", "c.lua": "job('shared', { run = print })",
  ]

  @Test(arguments: [
    (["add"], "3\n"), (["add", "--args", #"{"a": 40, "b": 2.5}"#], "42.5\n"),
    (["kinds", "--args", "[1, null, {}]"], #"[1,2.5,true,"x\n",[],{"k":[1,null,{}]}]"# + "\n"),
    (["kinds", "--args", "null"], #"[1,2.5,true,"x\n",[],[]]"# + "\n"),
    (["once"], "null\n"), (["other"], "\"the host is stopping\"\n"), (["state"], "{\"n\":6}\n"),
    (["own"], "1\n"),
    (["handler", "--args", "[1]"], #"{"name":"x","payload":[1],"source":"exec"}"# + "\n"),
    (["handler"], #"{"name":"x","source":"exec"}"# + "\n"),
    (["shop", "--args", "5"], #"[5,"shop.*",true,5]"# + "\n"),
    (["gathered", "--args", #"{"a":1}"#], #"[1,{"a":1}]"# + "\n"),
  ])
  func `the result is printed as JSON, and nothing else runs`(
    arguments: [String], output: String
  ) throws {
    let outcome = try moonwheel(
      ["exec", "a.lua"] + arguments, in: try ScriptFolder(Self.scripts))
    #expect(outcome.code == 0)
    #expect(outcome.output == output)
    #expect(!outcome.log.contains("noise"))
  }

  @Test func `the log has what the run logs`() throws {
    let folder = try ScriptFolder(Self.scripts)
    let pretty = try moonwheel("exec", ".", "add", in: folder)
    #expect(pretty.log.contains("INFO  a.lua/add  adding"))
    let json = try moonwheel("exec", ".", "add", "--log", "json", in: folder)
    #expect(json.log.contains(#""message":"adding","script":"a.lua","job":"add","run":""#))
  }

  @Test(arguments: [
    (
      ["a.lua", "bad"], 1, "moonwheel: a.lua:8: broken\nstack traceback:\n\t[C]: in global 'error'"
    ),
    (["a.lua", "slow"], 124, "it ran longer than its timeout of 50ms\nstack traceback:"),
    (["a.lua", "spin"], 124, "it ran longer than its timeout of 50ms\nstack traceback:"),
    (["a.lua", "never"], 1, "the job did not run: its when returned false"),
    (["a.lua", "ad"], 1, "no script has a job \"ad\", did you mean \"add\""),
    (["b.lua", "what"], 1, "no script has a job \"what\"; there are \"shared\""),
    ([".", "shared"], 1, "several scripts have a job \"shared\": b.lua, c.lua; name one"),
    (["missing", "add"], 1, "missing: no such script or folder"),
    (["a.lua", "add", "--args", "{a=1}"], 64, "--args must be JSON"),
    (["a.lua", "add", "--tz", "Mars"], 64, "--tz: unknown time zone"),
    (["a.lua", "embedded"], 1, "if a program that embeds it registers shop, run the job there"),
    (["a.lua", "word"], 1, "if a program that embeds it registers sql, run the job there"),
    (["a.lua"], 64, "Missing expected argument '<job>'"),
  ])
  func `a failure has a message and an exit code`(
    arguments: [String], code: Int32, message: String
  ) throws {
    let outcome = try moonwheel(["exec"] + arguments, in: try ScriptFolder(Self.scripts))
    #expect(outcome.code == code)
    #expect(outcome.log.contains(message), "\(outcome.log)")
    #expect(outcome.output.isEmpty)
    #expect(!outcome.log.contains("hook"))
  }

  @Test func `another script may be broken`() throws {
    let folder = try ScriptFolder([
      "good.lua": "job('j', { run = function() return 1 end })", "bad.lua": "x = = 1",
    ])
    #expect(try moonwheel("exec", ".", "j", in: folder).output == "1\n")
    let missing = try moonwheel("exec", ".", "k", in: folder)
    #expect(missing.code == 1 && missing.log.contains("bad.lua:1: unexpected symbol"))
  }
}
