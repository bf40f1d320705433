import LuaRuntime
import MoonwheelModel

/// What the prelude makes `listen`, its boxes and `wait` with a filter of. A box is a number, and only the run that has
/// opened it finds it.
enum ListenFunctions {
  static let all: [HostFunction] = [
    LuaAPI.function("listen", ["pattern"], listen),
    LuaAPI.function("box:next", ["box", "timeout", "again"], mayPark: true, next),
    LuaAPI.function("box_dropped", ["box"]) { (call) throws(Mistake) in
      .value(.integer(Int64(box(of: call)?.box.dropped ?? 0)))
    },
    LuaAPI.function("box_close", ["box"]) { (call) throws(Mistake) in
      guard let open = box(of: call) else { return .value(0) }
      reportDrops(of: open, in: call.isolate)
      call.isolate.current?.details?.boxes[open.box.number] = nil
      return .value(.integer(Int64(open.box.dropped)))
    },
  ]

  private static func listen(_ call: HostCall) throws(Mistake) -> HostReply {
    try LuaAPI.refuseWhileLoading(call, "listen")
    let isolate = call.isolate
    guard let run = isolate.current, run.request == nil else { return ScriptIsolate.mayNotWait }
    let pattern = try call.pattern()
    guard run.details?.boxes.count ?? 0 < OpenBox.limit else {
      return .refuse(
        "a run listens \(OpenBox.limit) times at most; close a box with box:close()", code: "full")
    }
    let environment = isolate.environment
    guard environment.bus.hasRoom(for: pattern, of: isolate.script) else {
      return .tooManyPatterns
    }
    let box = environment.bus.listen(
      for: pattern, of: isolate.script, limit: environment.configuration.eventQueue)
    run.makeDetails().boxes[box.number] = OpenBox(box, on: environment.bus)
    return .value(.integer(box.number))
  }

  /// Returns the next event. If there is none, it waits, and returns true when one has come: the caller is to call
  /// again. `again` is true then, and after an event that a filter refused: the timeout goes on.
  private static func next(_ call: HostCall) throws(Mistake) -> HostReply {
    let isolate = call.isolate
    guard let open = box(of: call) else {
      throw Mistake("this box belongs to another run: a box ends with the run that made it")
    }
    if call[2] != true {
      open.until =
        call[1].isNil
        ? .max : isolate.environment.deadline(in: try LuaAPI.duration(call[1], "the timeout"))
    }
    reportDrops(of: open, in: isolate)
    if let event = open.box.take() { return .value(event.value) }
    guard open.until > isolate.environment.clock.elapsed else {
      return .values([.nil, .string("timeout")])
    }
    let park = isolate.park(call.coroutine, until: open.until == .max ? nil : open.until)
    open.box.awaitEvent { isolate.wake(park, .values([true])) }
    return .park
  }

  private static func box(of call: HostCall) -> OpenBox? {
    call[0].int.flatMap { call.isolate.current?.details?.boxes[$0] }
  }

  /// Warns of events that a box had no room for, once of each.
  private static func reportDrops(of open: OpenBox, in isolate: ScriptIsolate) {
    let count = open.box.dropped - open.reportedDrops
    guard count > 0 else { return }
    open.reportedDrops += count
    let events = count == 1 ? "1 event was" : "\(count) events were"
    isolate.log(
      .warn,
      "\(events) left out: more came for \"\(open.box.pattern)\" than the run has taken, and a box keeps \(open.box.limit)",
      fields: .nil)
  }
}
