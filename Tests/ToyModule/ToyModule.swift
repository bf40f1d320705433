import ModuleKit
import Synchronization

/// A module for tests: a key-value table of one process, whose `lock` belongs to the run that has taken it; children that
/// take time to end; and notes after runs.
package final class ToyModule: ScriptModule {
  package let name = "toy"
  private let values = Mutex<[String: Value]>([:])
  private let locks = Mutex<Set<String>>([])
  private let releases = Atomic<Int>(0)
  private let children = Mutex<[String: RunResource]>([:])
  private let begun = Mutex<[String]>([])

  private let notes = Mutex<[String]>([])
  /// How often the handler of notes still fails.
  private let failures = Atomic<Int>(0)

  /// Whether a child that is told to end does so after a while.
  private let endsChildren: Bool

  package init(noteFailures: Int = 0, endsChildren: Bool = false) {
    self.endsChildren = endsChildren
    failures.store(noteFailures, ordering: .relaxed)
  }

  package var functions: [ModuleFunction] {
    [
      ModuleFunction("get", ["key"]) { [self] call in
        try values.withLock { try $0[Self.key(call)] ?? .nil }
      },
      ModuleFunction("set", ["key", "value"]) { [self] call in
        let key = try Self.key(call)
        values.withLock { $0[key] = call.arguments[1] }
        return true
      },
      ModuleFunction("lock", ["key"]) { [self] call in
        let key = try Self.key(call)
        guard locks.withLock({ $0.insert(key).inserted }) else {
          throw Refusal("\(key) is locked", code: "locked")
        }
        call.hold { [self] in
          locks.withLock { _ = $0.remove(key) }
          releases.add(1, ordering: .sequentiallyConsistent)
        }
        return true
      },
      ModuleFunction("child", ["key"]) { [self] call in
        let key = try Self.key(call)
        let child = call.hold("child \(key)", ending: { [self] in tell(key) })
        children.withLock { $0[key] = child }
        return true
      },
      .waiting("note", ["text"]) { call in
        let note = try await call.afterRun("toy.note", call.arguments[0])
        switch call.arguments[1].text {
        case "cancel": note.cancel()
        case "now": note.perform()
        default: break
        }
        return true
      },
      .waiting("later", ["value"]) { call in
        try await Task.sleep(for: .milliseconds(1))  // stands for what a module waits for outside
        return call.arguments[0]
      },
    ]
  }

  package var afterRun: [AfterRunHandler] {
    [
      AfterRunHandler("toy.note") { [self] request in
        if failures.load(ordering: .relaxed) > 0 {
          failures.subtract(1, ordering: .relaxed)
          throw Refusal("not now")
        }
        if request.payload.text == "hang" { try await Task.sleep(for: .seconds(3_600)) }
        notes.withLock { $0.append(request.payload.text ?? "?") }
      }
    ]
  }

  /// What the handler of requests after runs has noted.
  package var noted: [String] { notes.withLock { $0 } }

  package var simulated: [ModuleFunction] { functions.filter { ["get", "set"].contains($0.name) } }

  /// `toy.add(key, n)` on the functions above.
  package var lua: String {
    """
    local get, set = toy.get, toy.set
    function toy.add(key, n)
      local sum = (get(key) or 0) + n
      set(key, sum)
      return sum
    end
    """
  }

  package var stubs: String {
    """
    ---@meta
    toy = {}
    ---@param key string
    ---@return any
    function toy.get(key) end
    """
  }

  /// The keys that runs have locked.
  package var locked: Set<String> { locks.withLock { $0 } }

  /// How many locks were given back.
  package var releaseCount: Int { releases.load(ordering: .sequentiallyConsistent) }

  /// The keys of the children that were told to end, in order.
  package var endingChildren: [String] { begun.withLock { $0 } }

  /// How many children there have been.
  package var childCount: Int {
    endingChildren.count + liveChildren.subtracting(endingChildren).count
  }

  /// Tells a child to end.
  private func tell(_ key: String) {
    begun.withLock { $0.append(key) }
    guard endsChildren else { return }
    Task {
      try await Task.sleep(for: .microseconds(Int.random(in: 0...20_000)))
      endChild(key)
    }
  }

  /// The keys of the children that have not ended.
  package var liveChildren: Set<String> { children.withLock { Set($0.keys) } }

  /// Lets a child end.
  package func endChild(_ key: String) { children.withLock { $0.removeValue(forKey: key) }?.end() }

  private static func key(_ call: FunctionCall) throws -> String {
    guard let key = call.arguments[0].text else { throw Refusal("a key is a string", code: "key") }
    return key
  }
}
