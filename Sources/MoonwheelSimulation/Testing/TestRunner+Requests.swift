import JobStore
import Logging
import LuaRuntime
import MoonwheelModel
import SchedulerEngine
import ScriptHost
import Stdlib
import Synchronization
import SystemCalls
import Triggers
import WorkerPool

/// What a test asks of its simulation: `sim:run`, `sim:load` and so on.
extension TestRunner {
  func perform(_ request: TestRequests.Request, _ world: SimulatedWorld) throws -> [Value] {
    switch request.operation {
    case "load": return try load(request, world)
    case "run":
      guard let end = try request[0].isNil ? options.end : time(request[0], "run") else {
        throw Mistake(
          "run: till when? give a time, as in sim:run(\"2026-01-02 12:00\"), or the test an option till"
        )
      }
      try world.run(to: clock.elapsed(at: notPast(end, "run")))
    case "advance": try world.run(to: later(try LuaAPI.duration(request[0], "advance"), "advance"))
    case "outage":
      let length = try LuaAPI.duration(request[0], "outage")
      let at = try start(request[1], "outage")
      let end = try request[1].isNil ? later(length, "outage") : nil
      world.schedule(.outage(nanoseconds: length), at: at)
      if let end { try world.run(to: end) }
    case "step_clock":
      let length = try signedDuration(request[0])
      world.schedule(.clockStep(nanoseconds: length), at: try start(request[1], "step_clock"))
      if request[1].isNil { try world.run(to: clock.elapsed) }
    case "emit": return try emit(request, world)
    case "trigger": return try trigger(request, world)
    case "reload": return try reload(request, world)
    case "runs": return [.list(record.runs(of: try jobName(request[0], "runs")))]
    case "log": return [.list(record.log(of: try jobName(request[0], "log")))]
    case "events":
      let pattern = try request[0].isNil ? "**" : text(request[0], "events takes a pattern")
      return [.list(record.events(try EventPattern(pattern)))]
    default: throw Mistake("a simulation has no operation \(request.operation)")
    }
    return []
  }

  var now: Timestamp { clock.read().wall }

  /// The elapsed time after this many nanoseconds. Throws if it is after the end of virtual time.
  private func later(_ nanoseconds: Int64, _ what: String) throws(Mistake) -> Int64 {
    let end = environment.deadline(in: nanoseconds)
    guard end <= VirtualClock.end else {
      throw Mistake("\(what): a simulation lasts at most 285 years; write a shorter time")
    }
    return end
  }

  private func text(_ value: Value, _ what: String) throws(Mistake) -> String {
    guard let text = value.text else { throw Mistake("\(what), not \(value.described)") }
    return text
  }

  /// Reads a time, which may be relative to the present, as in `"18:00"`.
  private func time(_ value: Value, _ what: String) throws(Mistake) -> Timestamp {
    guard let text = value.text else { return try options.time(value, what, now: now) }
    do { _ = try DurationText.parse(text) } catch {
      return try options.time(value, what, now: now)
    }
    throw Mistake(
      "\(what): \"\(text)\" is a duration, not a time; write sim:advance(\"\(text)\") to advance by it"
    )
  }

  /// Reads the time of a fault: the present if it is nil.
  private func start(_ value: Value, _ what: String) throws(Mistake) -> Timestamp {
    try value.isNil ? now : notPast(time(value, what), what)
  }

  private func notPast(_ time: Timestamp, _ what: String) throws(Mistake) -> Timestamp {
    guard time >= now else {
      throw Mistake(
        "\(what): \(time.iso(in: options.zone)) is past; it is \(now.iso(in: options.zone))")
    }
    return time
  }

  /// Reads the name of a job, which must have existed; nil means all jobs.
  private func jobName(_ value: Value, _ what: String) throws(Mistake) -> JobName? {
    guard !value.isNil else { return nil }
    let job = JobName(try text(value, "\(what) takes the name of a job"))
    guard record.hasKnown(job) else { throw unknown(job) }
    return job
  }

  private func unknown(_ job: JobName) -> Mistake {
    let near = Spelling.nearest(to: job.name, in: record.jobs)
    return Mistake(
      "there is no job \"\(job.script.map { "\($0)/" } ?? "")\(job.name)\""
        + (near.map { "; did you mean \"\($0)\"?" } ?? ""))
  }

  private func signedDuration(_ value: Value) throws(Mistake) -> Int64 {
    if let seconds = value.double, seconds < 0 {
      return -(try LuaAPI.duration(.number(-seconds), "step_clock"))
    }
    guard let text = value.text, text.hasPrefix("-") || text.hasPrefix("+") else {
      return try LuaAPI.duration(value, "step_clock")
    }
    let length = try LuaAPI.duration(.string(String(text.dropFirst())), "step_clock")
    return text.hasPrefix("-") ? -length : length
  }

  private func load(_ request: TestRequests.Request, _ world: SimulatedWorld) throws -> [Value] {
    for mock in requests.takeNewMocks() { world.add(mockFunction(named: mock)) }
    let source = try script(request)
    if let error = world.add(source) { throw Mistake(error.message) }
    scripts.removeAll { $0 == source.name }
    scripts.append(source.name)
    return [.string(source.name)]
  }

  /// The script to load: the test's file itself, a file at a path relative to it, or a text with a name.
  private func script(_ request: TestRequests.Request) throws -> ScriptSource {
    guard !request[0].isNil else { return source }
    let path = try text(request[0], "load takes a path")
    guard !request[1].isNil else { return try source.sibling(at: path) }
    let text = try text(request[1], "load takes a text after the name")
    return ScriptSource(name: path, path: nil, root: nil, text: Array(text.utf8))
  }

  /// The function that scripts find under the name of a mock. It parks the calling run while the test's function runs.
  private func mockFunction(named name: String) -> HostFunction {
    let (requests, testIsolate) = (requests, isolate)
    return HostFunction(HostFunctionSignature(name, mayPark: true)) { call in
      guard !call.isolate.isLoading else {
        return .raise(
          "\(name) is a function of the host, and cannot be called while the script loads")
      }
      guard let answer = requests.answer(for: name) else { return .raise("\(name) has no mock") }
      let isolate = call.isolate
      let park = isolate.park(call.coroutine, until: nil)
      testIsolate.post(
        .call(answer, call.arguments) { ended in isolate.wake(park, ended.resumption(of: name)) })
      return .park
    }
  }

  private func emit(_ request: TestRequests.Request, _ world: SimulatedWorld) throws -> [Value] {
    let name = try text(request[0], "emit takes the name of an event")
    guard isEventName(name) else { throw Mistake("\"\(name)\" is not the name of an event") }
    guard world.host != nil else { return Self.isDown }
    return world.emit(Event(name: name, payload: request[1], source: "test"))
      ? [.bool(true)] : [.nil, .string("queue full"), .string("full")]
  }

  private func trigger(_ request: TestRequests.Request, _ world: SimulatedWorld) throws -> [Value] {
    let job = JobName(try text(request[0], "trigger takes the name of a job"))
    let owners = record.scripts(with: job.name).filter { job.script == nil || $0 == job.script }
    guard let owner = owners.first else { throw unknown(job) }
    guard owners.count == 1 else {
      throw Mistake(
        "several scripts have a job \"\(job.name)\": write \"\(owner)/\(job.name)\" for that of \(owner)"
      )
    }
    guard let answer = world.trigger(job.name, of: owner, request[1]) else { return Self.isDown }
    switch answer {
    case .run(let run): return [.string(run.description)]
    case .refused(let why, let code): return [.nil, .string(why), .string(code)]
    case .done, .ended, .jobs, .status, .times: return [.bool(true)]
    }
  }

  private static let isDown: [Value] = [.nil, .string("the host is down"), .string("down")]

  private func reload(_ request: TestRequests.Request, _ world: SimulatedWorld) throws -> [Value] {
    let name: String
    if request[1].isNil {
      guard scripts.count == 1 else {
        throw Mistake(
          "reload: which of \(scripts.count) scripts? write sim:reload(\"name.lua\", text)")
      }
      name = scripts[0]
    } else {
      name = try text(request[1], "reload takes the name of a script")
    }
    let given = try request[0].isNil ? nil : Array(text(request[0], "reload takes a text").utf8)
    guard let error = world.reload(name, given) else { return [.bool(true)] }
    guard error.code != .unknown else { throw Mistake(error.message) }
    return [.nil, .string(error.message), .string(error.code.rawValue)]
  }
}

extension ScriptSource {
  /// The script at a path that is relative to the folder of this one.
  fileprivate func sibling(at path: String) throws(Mistake) -> ScriptSource {
    guard let own = self.path, let root else {
      throw Mistake("load: \(name) is not a file, so a path cannot be relative to it")
    }
    // Lua's error messages would show a script the text of another file.
    guard path.hasSuffix(".lua") else {
      throw Mistake("load: \"\(path)\" is not a script: a script is a file *.lua")
    }
    let full = Paths.absolute(path.hasPrefix("/") ? path : "\(own)/../\(path)")
    let text: [UInt8]
    do { text = try readFile(full) } catch { throw Mistake("load: \(error)") }
    return ScriptSource(
      name: Self.name(of: full, in: root) ?? path, path: full, root: root, text: text)
  }

  /// The name of a script: its path in the folder of scripts; nil if it is not there.
  static func name(of path: String, in root: String) -> String? {
    let prefix = root == "/" ? "/" : root + "/"
    return path.hasPrefix(prefix) ? String(path.dropFirst(prefix.count)) : nil
  }
}

extension IsolateOutcome {
  /// Resumes the script that called a mock with the results of the test's function, which come in `table.pack`.
  fileprivate func resumption(of name: String) -> Resumption {
    switch self {
    case .finished(let packed):
      guard let count = packed["n"]?.int, (0...250).contains(count) else {
        return .values([packed])
      }
      return .values((0..<Int(count)).map { packed[$0 + 1] ?? .nil })
    case .failed(let failure): return .raise(failure.message)
    case .interrupted, .evicted: return .raise("\(name): the mock ran too long")
    case .cancelled, .declined, .refused, .parked, .preempted:
      return .raise("\(name): the mock did not return")
    }
  }
}
