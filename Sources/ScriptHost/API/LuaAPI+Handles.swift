import LuaRuntime
import MoonwheelModel
import SchedulerCore
import Triggers

extension LuaAPI {
  /// The methods of a job handle. Each command goes to the core and parks the run until the answer, so that a loop
  /// cannot flood the core.
  static let handles: [HostFunction] = [
    command("job_pause", "pause", ["job", "reason"]) { (call) throws(Mistake) in
      .pause(reason: try call.reason("pause"))
    },
    command("job_resume", "resume", ["job", "reason"]) { (call) throws(Mistake) in
      if let text = call[1].text { try HostCall.refuseRunID(text, "resume", "no argument") }
      return .resume
    },
    command("job_cancel", "cancel", ["job", "reason"]) { (call) throws(Mistake) in
      .cancel(by: call.isolate.current?.id, reason: try call.reason("cancel"))
    },
    command("job_next", "next", ["job", "count"]) { (call) throws(Mistake) in
      .next(try count(call[1], "next"))
    },
    command("job_reschedule", "reschedule", ["job", "trigger"]) { (call) throws(Mistake) in
      try reschedule(call)
    },
    command("job_trigger", "trigger", ["job", "args"]) { (call) throws(Mistake) in
      .enqueue(try arguments(call[1]), at: .now)
    },
    command("job_after", "after", ["job", "delay", "args"]) { (call) throws(Mistake) in
      .enqueue(try arguments(call[2]), at: .after(try duration(call[1], "after")))
    },
    command("job_at", "at", ["job", "time", "args"]) { (call) throws(Mistake) in
      .enqueue(try arguments(call[2]), at: .at(try instant(call)))
    },
    function("job_status", ["job", "word"], mayPark: true) { (call) throws(Mistake) in
      try send(call, try call.text(1, "the word")) { _ in .status }
    },
    function("job_get", ["job", "key"]) { (call) throws(Mistake) in
      let key = try call.text(1, "the field of a job")
      guard let entry = call.isolate.registry[try handle(call)] else {
        return key == "name" ? .value("(ended)") : .nothing
      }
      switch key {
      case "name": return .value(.string(entry.name))
      case "tags": return .value(.list(entry.policy.value.tags.map { .string($0) }))
      default:
        let near = Spelling.nearest(to: key, in: fields).map { ", did you mean \"\($0)\"?" } ?? ""
        throw Mistake("a job has no field \"\(key)\"\(near)")
      }
    },
  ]

  /// The fields and methods of a handle, for suggestions.
  private static let fields = [
    "name", "tags", "next_run", "last_run", "paused", "trigger", "after", "at", "pause", "resume",
    "cancel", "reschedule", "next", "history", "explain",
  ]

  private static func command(
    _ name: String, _ word: String, _ arguments: [String] = ["job"],
    _ make: @escaping @Sendable (HostCall) throws(Mistake) -> JobCommand
  ) -> HostFunction {
    function(name, arguments, mayPark: true) { (call) throws(Mistake) in
      try send(call, word, make)
    }
  }

  private static func send(
    _ call: HostCall, _ word: String, _ make: (HostCall) throws(Mistake) -> JobCommand
  ) throws(Mistake) -> HostReply {
    try refuseWhileLoading(call, word)
    let isolate = call.isolate
    let address = JobAddress(generation: isolate.ownerGeneration, handle: try handle(call))
    let run = isolate.current?.id
    guard let command = isolate.memory.held(try make(call), by: run, of: isolate) else {
      return .refuse("queue full: not enough memory to keep another run", code: "full")
    }
    let park = isolate.park(call.coroutine, until: nil)
    isolate.post(.command(address, command, reply: park))
    return .park
  }

  static func handle(_ call: HostCall) throws(Mistake) -> JobHandle {
    guard case .job(let handle) = call[0] else {
      throw Mistake(
        "call it with a colon, as in j:pause(); its first argument is \(call[0].described), not a job"
      )
    }
    return handle
  }

  static func count(_ value: Value, _ what: String) throws(Mistake) -> Int {
    guard !value.isNil else { return 5 }
    guard let count = value.integer(in: 1...1_000) else {
      throw Mistake("\(what) takes a number from 1 to 1000, not \(value.described)")
    }
    return count
  }

  private static func arguments(_ value: Value) throws(Mistake) -> Value {
    try value.refuseHandles("args")
    return value
  }

  private static func reader(_ call: HostCall) throws(Mistake) -> TriggerReader {
    let entry = call.isolate.registry[try handle(call)]
    return TriggerReader(call.isolate, job: entry?.name ?? "")
  }

  private static func reschedule(_ call: HostCall) throws(Mistake) -> JobCommand {
    let reader = try reader(call)
    let trigger = try reader.trigger(call[1])
    _ = try reader.window(reader.defaults, for: trigger)  // refuses a trigger that never fires
    let handle = try handle(call)
    let isolate = call.isolate
    try refusePatterns(of: trigger, isolate)
    let hold = try isolate.memory.holdOption(
      ScriptMemory.bytes(ofJob: "", trigger: trigger.text), isolate.isolate)
    isolate.registry.setPattern(trigger.pattern, of: handle)
    return .reschedule(trigger, hold: hold)
  }

  /// The instant of `at`, read like the word `at`. If it is past, the run starts at once.
  private static func instant(_ call: HostCall) throws(Mistake) -> Timestamp {
    let reader = try reader(call)
    guard
      case .time(let trigger) = try reader.trigger(
        word: "at", spec: call[1], options: reader.defaults),
      let instant = trigger.instants?.at.first
    else { throw Mistake("at takes a time, not \(call[1].described)") }
    return instant
  }
}
