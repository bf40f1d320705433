import LuaRuntime
import MoonwheelModel
import Synchronization

/// A Swift function that scripts call.
package struct HostFunction: Sendable {
  var signature: HostFunctionSignature
  var body: @Sendable (HostCall) -> HostReply

  package init(
    _ signature: HostFunctionSignature, _ body: @escaping @Sendable (HostCall) -> HostReply
  ) {
    self.signature = signature
    self.body = body
  }

  package var name: String { signature.name }

  /// The part of the name before the dot.
  var table: String { name.firstIndex(of: ".").map { String(name[..<$0]) } ?? name }
}

/// One call of a host function, on the worker that runs the script.
package struct HostCall {
  package let isolate: ScriptIsolate
  package let arguments: [Value]
  /// The last argument in encoded form, for functions that pass it on without decoding; `arguments` then lacks it.
  let rawLast: EncodedValue?
  package let coroutine: UInt32

  /// The argument at an index from 0; `.nil` past the end.
  package subscript(_ index: Int) -> Value {
    index < arguments.count ? arguments[index] : .nil
  }

  /// A required string; throws otherwise. The bridge puts the position before the message.
  package func text(_ index: Int, _ what: String) throws(Mistake) -> String {
    guard let text = self[index].text else {
      throw Mistake("\(what) must be a string, not \(self[index].described)")
    }
    return text
  }

  /// A required string of at most so many bytes.
  func text(_ index: Int, _ what: String, atMost limit: Int) throws(Mistake) -> String {
    let text = try text(index, what)
    guard text.utf8.count <= limit else {
      throw Mistake("\(what) has at most \(limit) bytes, not \(text.utf8.count)")
    }
    return text
  }

  /// The event whose payload is the argument at an index, which is the last one; nil if there is no memory to keep it for
  /// so many handlers.
  func event(_ name: String, payload index: Int, depth: UInt8, handlers: Int) -> Event? {
    let (memory, fixed) = (isolate.memory, ScriptMemory.bytes(ofEventFor: handlers))
    guard let rawLast else {
      guard let hold = memory.hold(fixed + self[index].footprint, isolate.isolate) else {
        return nil
      }
      return Event(
        name: name, payload: self[index], source: isolate.name, depth: depth, hold: hold)
    }
    let bytes = fixed + rawLast.bytes.count
    guard memory.hasRoom(for: bytes, isolate.isolate) else { return nil }
    memory.script.keep(bytes)
    return Event(
      name: name, payload: rawLast, source: isolate.name, depth: depth, owner: memory.script,
      bytes: bytes)
  }

  /// Turns a thrown ``Mistake`` into an error in the script.
  static func raising(
    _ body: @escaping @Sendable (HostCall) throws(Mistake) -> HostReply
  ) -> @Sendable (HostCall) -> HostReply {
    { call in
      do throws(Mistake) {
        return try body(call)
      } catch {
        return .raise(error.text)
      }
    }
  }
}

/// The functions that the scripts of a host can call, and what runs hold that such functions have begun.
package final class HostFunctionTable: Sendable {
  private struct State {
    var functions: [HostFunction]
    /// The Lua of each module whose table a script gets when it first reads the module's name.
    var modules: [String: [UInt8]] = [:]
    var lives: [HostLife] = []
    var pings: (any PingPort)?

    mutating func add(_ more: [HostFunction]) {
      functions += more.map { function in
        var function = function
        function.signature.isLazy = modules[function.table] != nil
        return function
      }
    }
  }

  private let state: Mutex<State>
  private let resources = ResourceHolder()
  private let lastNumber = Atomic<UInt64>(0)
  /// What is to be done after runs.
  package let afterRuns: AfterRunRequests

  init(_ functions: [HostFunction], _ afterRuns: AfterRunRequests) {
    state = Mutex(State(functions: functions))
    self.afterRuns = afterRuns
  }

  /// Where two functions have one name, scripts get the later one.
  var all: [HostFunction] { state.withLock { $0.functions } }

  /// Adds a module whose table each script gets when it first reads the module's name, so that it costs nothing in
  /// scripts that do not.
  func addModule(_ name: String, lua: [UInt8], _ functions: [HostFunction]) {
    state.withLock { state in
      state.modules[name] = lua
      state.add(functions)
    }
  }

  /// The Lua of a module that was added by ``addModule(_:lua:_:)``; nil if there is none of this name.
  package func lua(ofModule name: String) -> [UInt8]? { state.withLock { $0.modules[name] } }

  /// The names of the modules that were added by ``addModule(_:lua:_:)``.
  package var modules: Set<String> { state.withLock { Set($0.modules.keys) } }

  /// Throws if a function of a program cannot have this name beside those that are there.
  package func checkFree(_ function: HostFunction) throws(RegistrationError) {
    let (name, table) = (function.name, function.table)
    guard !modules.contains(table) else {
      throw RegistrationError(
        description:
          "\"\(table)\" is a standard module; choose another name, or take it out of standardModules"
      )
    }
    guard let other = conflict(with: name) else { return }
    throw RegistrationError(
      description: other == name
        ? "\"\(other)\" is registered already"
        : "\"\(name)\" and \"\(other)\", which is registered, cannot both be there")
  }

  /// The name of a function that a new one would hide, or that would hide it: the same name, or one of `shop` and
  /// `shop.price`.
  private func conflict(with name: String) -> String? {
    state.withLock { state in
      state.functions.lazy.map(\.name).first { other in
        other == name || other.hasPrefix(name + ".") || name.hasPrefix(other + ".")
      }
    }
  }

  /// Adds functions for the scripts that are loaded from now on.
  package func add(_ more: [HostFunction]) { state.withLock { $0.add(more) } }

  package func add(_ function: HostFunction) { add([function]) }

  /// Tells `life` when the host starts and stops.
  package func add(_ life: HostLife) { state.withLock { $0.lives.append(life) } }

  /// Sends the pings from now on.
  package func add(_ pings: any PingPort) { state.withLock { $0.pings = pings } }

  /// Nil if nothing in the host can send requests.
  var pings: (any PingPort)? { state.withLock { $0.pings } }

  /// The host starts.
  package func start() {
    for life in state.withLock({ $0.lives }) { life.onStart() }
  }

  /// The host has no runs any more. Waits for what its modules have under way, until a time of `Clocks.monotonic()`.
  /// Call it once.
  package func stop(until deadline: Int64) {
    for life in state.withLock({ $0.lives }).reversed() { life.onStop(deadline) }
  }

  /// A script has loaded whose former names are no scripts any more.
  package func takeOver(_ formers: [String], by name: String) {
    for former in formers {
      for life in state.withLock({ $0.lives }) { life.onRename(former, name) }
    }
  }

  func hold(_ resource: RunResource) { resources.hold(resource) }

  /// For what a run has begun and not ended.
  func newNumber() -> UInt64 { lastNumber.wrappingAdd(1, ordering: .relaxed).newValue }

  /// Releases what runs hold that the host could not end, and blocks until all that runs have begun is gone, or until a
  /// time of the monotonic clock. Returns the labels of what is left.
  package func releaseResources(until deadline: Int64) -> [String] {
    resources.releaseAll(until: deadline)
  }
}

/// What a module does at the start and at the stop of a host, once each. A host that only looks at scripts neither starts
/// nor stops.
package struct HostLife: Sendable {
  /// On the thread that starts the host; must not block.
  let onStart: @Sendable () -> Void
  /// After the last run. May block until the time of `Clocks.monotonic()` that it is given.
  let onStop: @Sendable (Int64) -> Void
  /// When a script takes over what is kept of its former name. On a worker; must not take long.
  let onRename: @Sendable (String, String) -> Void

  package init(
    onStart: @escaping @Sendable () -> Void,
    onStop: @escaping @Sendable (_ deadline: Int64) -> Void,
    onRename: @escaping @Sendable (_ former: String, _ name: String) -> Void
  ) {
    self.onStart = onStart
    self.onStop = onStop
    self.onRename = onRename
  }
}
