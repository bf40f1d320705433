import LuaRuntime
import MoonwheelModel
import Triggers

extension LuaAPI {
  /// `emit`, `wait`, `sleep`.
  static let events: [HostFunction] = [
    function("emit", ["name", "payload"], passesRawLast: true, isUnobserved: true, emit),
    function("wait", ["pattern", "timeout"], mayPark: true, wait),
    function("sleep", ["duration"], mayPark: true, timedWaits: true) { (call) throws(Mistake) in
      try refuseWhileLoading(call, "sleep")
      let duration = try duration(call[0], "sleep")
      _ = call.isolate.park(call.coroutine, until: call.isolate.environment.deadline(in: duration))
      return .park
    },
  ]

  private static func emit(_ call: HostCall) throws(Mistake) -> HostReply {
    try refuseWhileLoading(call, "emit")
    let isolate = call.isolate
    let route = try route(call)
    let name = route.name
    // Encoded payloads hold no handles.
    if call.rawLast == nil { try call[1].refuseHandles("payload") }
    let depth = isolate.depth
    guard Int(depth) < isolate.environment.configuration.eventDepth else {
      isolate.observeCall()
      isolate.log(
        .warn, "\(name) is not emitted: the chain of events is too long (\(depth) events led here)",
        fields: .nil)
      return .refuse("the chain of events is too long (\(depth) events led here)", code: "depth")
    }
    guard isolate.mayPost,
      let event = call.event(name, payload: 1, depth: depth + 1, handlers: route.jobs.count)
    else { return .refuse("queue full", code: "full") }
    isolate.flushSoon()
    isolate.countPosted(route.jobs.count)
    switch isolate.environment.bus.publish(event, on: route) {
    case .accepted: return .yes
    case .queueFull: return .refuse("queue full", code: "full")
    }
  }

  /// The handlers of the event that the call names.
  private static func route(_ call: HostCall) throws(Mistake) -> EventRoute {
    let name = try call.text(0, "the name of an event", atMost: longestEventName)
    let isolate = call.isolate
    if let route = isolate.routes[name], isolate.environment.bus.isCurrent(route) { return route }
    guard isEventName(name) else {
      throw Mistake(
        "\"\(name)\" is not the name of an event: names are parts with dots between, without spaces, * or |"
      )
    }
    if let reserved = reservedPrefixes.first(where: { name.utf8.starts(with: $0.utf8) }) {
      throw Mistake("events \"\(reserved)*\" are published by the host; choose another name")
    }
    let route = isolate.environment.bus.route(of: name)
    if isolate.routes.count >= routeLimit { isolate.routes = [:] }
    isolate.routes[name] = route
    return route
  }

  /// The most routes that a script caches.
  private static let routeLimit = 256

  private static let reservedPrefixes = ["scheduler.", "script.", "job.", "run.", "kv."]

  private static func wait(_ call: HostCall) throws(Mistake) -> HostReply {
    try refuseWhileLoading(call, "wait")
    let pattern = try call.pattern()
    let isolate = call.isolate
    guard isolate.environment.bus.hasRoom(for: pattern, of: isolate.script) else {
      return .tooManyPatterns
    }
    let deadline =
      call[1].isNil ? nil : isolate.environment.deadline(in: try duration(call[1], "the timeout"))
    // At the deadline, `ScriptIsolate.resume` returns nil and "timeout".
    let park = isolate.park(call.coroutine, until: deadline)
    isolate.environment.bus.wait(park, for: pattern, of: isolate.script) { event in
      isolate.wake(park, .event(event))
    }
    return .park
  }

  /// `now`, `date`.
  static let time: [HostFunction] = [
    function("now", isUnobserved: true) { (call) throws(Mistake) in
      .value(call.isolate.environment.clock.read().wall.luaValue)
    },
    function("date", ["time", "format", "zone"]) { (call) throws(Mistake) in
      let environment = call.isolate.environment
      var instant = environment.clock.read().wall
      if let seconds = call[0].double {
        guard seconds.isFinite, abs(seconds) < 9e9 else {
          throw Mistake("date: \(call[0].described) is not a time in seconds since 1970")
        }
        instant = Timestamp(nanoseconds: Int64((seconds * 1e9).rounded()))
      } else if !call[0].isNil {
        throw Mistake("date takes a time in seconds since 1970 first, not \(call[0].described)")
      }
      var zone = environment.zone
      if !call[2].isNil {
        do { zone = try environment.zones.zone(named: try call.text(2, "the zone")) } catch {
          throw Mistake("\(error)")
        }
      }
      guard !call[1].isNil else { return .value(.string(instant.iso(in: zone))) }
      let format = try call.text(1, "the format")
      return .value(.string(try DateFormat(format).text(instant, zone)))
    },
  ]
}

extension HostCall {
  /// The first argument as a pattern of event names.
  func pattern() throws(Mistake) -> EventPattern {
    let text = try text(0, "the name of an event")
    do { return try EventPattern(text) } catch { throw Mistake("\(error)") }
  }
}

extension HostReply {
  static let tooManyPatterns = HostReply.refuse(
    "too many waits for patterns: a script's runs wait for \(PatternQuota.limit) different patterns at most; wait for a name without *",
    code: "full")
}
