import Glibc
import SystemCalls
import Testing
import WorkerPool

/// Runs hosts on one store, kills them one after the other, and collects the output of their scripts.
final class CrashStory {
  /// A line that a script printed, and its time in milliseconds.
  struct Line {
    var at: Int
    var words: [String]
  }

  private static let script = """
    local mail = job("mail", { overlap = "allow", run = function(run)
      print("ran", run.id)
      sleep("3ms")
      print("done", run.id)
    end })
    every("7ms", { name = "promise", overlap = "allow" }, function()
      local id = not isLast and mail:trigger { 1 }
      if id then print("acked", id) end
    end)
    every("20ms", { name = "flaky", overlap = "allow", retry = { max = 1, from = "20ms", jitter = 0 } },
      function(run)
        print("try", run.id, run.attempt)
        if run.attempt == 1 then error("down") end
      end)
    every("15ms", { name = "count", state = { n = 0 } }, function(run)
      print("count", run.state.n)
      run.state.n = run.state.n + 1
    end)
    local target = every("1h", { name = "target" }, function() end)
    local first = true
    every("30ms", { name = "toggle" }, function()
      if first then
        print("is", target.paused, (kv.get("self.target", "resumed")))
        first = false
      end
      if target.paused then
        kv.set("self.target", "resuming")
        if target:resume() then kv.set("self.target", "resumed") end
      else
        kv.set("self.target", "pausing")
        if target:pause("test") then kv.set("self.target", "paused") end
      end
    end)
    every("9ms", { name = "key" }, function()
      local number = kv.add("self.n")
      if number then print("added", number) end
    end)
    every("100ms", { name = "phase" }, function(run)
      print("phase", math.floor(run.scheduled_at * 1000 + 0.5) % 100)
    end)
    """

  private let folder: ScriptFolder
  private(set) var hosts: [[Line]] = []

  init() throws { folder = try ScriptFolder(["work.lua": Self.script]) }

  // MARK: Hosts

  func host(killedAfter nanoseconds: Int64) throws {
    let host = try MoonwheelProcess(["run", folder.path, "--log", "json", "--no-watch"])
    let alarm = Condition(false)
    _ = alarm.wait(until: Clocks.monotonic() + nanoseconds) { (_: inout Bool) in Void?.none }
    host.signal(SIGKILL)
    #expect(try host.exit() == -SIGKILL)
    record(host.text(.log))
  }

  func host(killedAtWrite number: Int) throws {
    let watching = [
      "-f", "-qq", "-o", "/dev/null", "-e", "trace=pwrite64",
      "-e", "inject=pwrite64:signal=KILL:when=\(number)",
    ]
    let host = try MoonwheelProcess(
      program: "/usr/bin/strace",
      watching + [
        try BuiltProgram.path(), "run", folder.path, "--log", "json", "--no-watch", "--for", "5s",
      ])
    #expect(try host.exit() == -SIGKILL)
    record(host.text(.log))
  }

  /// Runs one more host, which promises nothing, until every promised run is done.
  func finish() throws {
    try folder.write("work.lua", "local isLast = true\n" + Self.script)
    let host = try MoonwheelProcess(
      ["run", folder.path, "--log", "json", "--no-watch", "--for", "3s"])
    #expect(try host.exit() == 0)
    record(host.text(.log))
  }

  private func record(_ log: String) {
    var lines: [Line] = []
    for text in log.split(separator: "\n") where text.hasSuffix("}") {
      if text.contains("is damaged") { Issue.record("the store did not open: \(text)") }
      guard let message = Self.field("message", text), let at = Self.milliseconds(text) else {
        continue
      }
      lines.append(Line(at: at, words: message.split(separator: "\t").map(String.init)))
    }
    hosts.append(lines)
  }

  /// The text of a key in a line of JSON, with tabs instead of `\t`.
  private static func field(_ name: String, _ line: Substring) -> String? {
    guard let start = line.firstRange(of: "\"\(name)\":\"")?.upperBound else { return nil }
    let rest = line[start...]
    guard let end = rest.firstIndex(of: "\"") else { return nil }
    return String(rest[..<end].replacing("\\t", with: "\t"))
  }

  /// The time of day of a line, from `"ts":"2026-12-24T18:00:00.123456Z"`.
  private static func milliseconds(_ line: Substring) -> Int? {
    guard let time = field("ts", line)?.split(separator: "T").last else { return nil }
    let parts = time.dropLast().split { $0 == ":" || $0 == "." }.compactMap { Int($0) }
    guard parts.count == 4 else { return nil }
    return ((parts[0] * 60 + parts[1]) * 60 + parts[2]) * 1_000 + parts[3] / 1_000
  }
}
