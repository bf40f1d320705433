import MoonwheelCore
import Triggers

/// The jobs that one generation has registered: names, handles, and what the script can ask without the core.
struct JobRegistry {
  struct Entry {
    var name: String
    var policy: SharedPolicy
    /// Nil when the script, loaded again after an eviction, did not register it.
    var callback: CallbackID?
    /// Its `when` and its hooks; nil for most.
    var functions: JobFunctions?
    /// Its trigger is an event.
    var isHandler: Bool
    var isDynamic: Bool
    var position: String
    var reuse: UInt32
  }

  /// What a fire needs of a job whose runs are given nothing; apart, so that a fire follows no reference.
  private struct Plain {
    var reuse: UInt32
    /// Nil for a job with a `when`, or whose runs have a limit of processor time.
    var run: PlainRun?
  }

  /// What a job says that has a length of time and nothing else, as `every("10s", f)`.
  struct PlainJob {
    fileprivate var word: String
    fileprivate var spec: String
    var trigger: JobTrigger
    /// Of the trigger.
    var text: String
    var policy: SharedPolicy
  }

  private let scriptName: String
  private var entries: ContiguousArray<Entry?> = []
  private var plains: ContiguousArray<Plain> = []
  private var free: [(ordinal: UInt32, reuse: UInt32)] = []
  private var ordinals: [String: UInt32] = [:]
  private var derived: [String: Int] = [:]
  private var keys: [String: Int] = [:]
  private var loaded: [Registration] = []
  private var lastPolicy = SharedPolicy(JobPolicy())
  private var lastPosition = ""
  private var lastPlain: PlainJob?
  /// Options that hold for the jobs registered from now on.
  var defaults = Options()
  /// While the script is loaded again after an eviction: its registrations are matched to the jobs that it has.
  private(set) var isRebinding = false

  init(scriptName: String) { self.scriptName = scriptName }

  var count: Int { ordinals.count }

  /// A name by trigger and order, so that moving lines does not change it: `every 10s`, `every 10s #2`.
  mutating func derivedName(_ trigger: String) -> String {
    while true {
      let number = (derived[trigger] ?? 0) + 1
      derived[trigger] = number
      let name = number == 1 ? trigger : "\(trigger) #\(number)"
      if ordinals[name] == nil { return name }
    }
  }

  /// What stands for a job without a name in what is hashed or drawn: jobs that say the same differ by their order.
  mutating func key(for spec: String) -> String {
    let number = (keys[spec] ?? 0) + 1
    keys[spec] = number
    return number == 1 ? spec : "\(spec) #\(number)"
  }

  func position(of name: String) -> String? {
    ordinals[name].flatMap { entries[Int($0)]?.position }
  }

  /// The same object for equal policies in a row.
  mutating func share(_ policy: JobPolicy) -> SharedPolicy {
    if lastPolicy.value != policy { lastPolicy = SharedPolicy(policy) }
    return lastPolicy
  }

  /// The same text for equal positions in a row: a loop registers all its jobs in one place.
  mutating func share(_ position: String) -> String {
    if lastPosition != position { lastPosition = position }
    return lastPosition
  }

  /// What such a job says, once ``notePlain(_:_:_:_:)`` has told what one says.
  mutating func plainJob(_ word: String, _ spec: String) -> PlainJob? {
    guard defaults.isEmpty, let last = lastPlain else { return nil }
    if last.spec == spec, last.word == word { return last }
    guard word == "every" || word == "after",
      let trigger = Trigger.plain(spec, once: word == "after")
    else { return nil }
    let job = PlainJob(
      word: word, spec: spec, trigger: .time(trigger), text: trigger.text, policy: last.policy)
    lastPlain = job
    return job
  }

  /// A job without options was registered: those with a length of time have all the same policy.
  mutating func notePlain(
    _ word: String, _ spec: String, _ trigger: JobTrigger, _ policy: SharedPolicy
  ) {
    guard lastPlain == nil, defaults.isEmpty, word == "every" || word == "after",
      Trigger.plain(spec, once: word == "after") != nil
    else { return }
    lastPlain = PlainJob(
      word: word, spec: spec, trigger: trigger, text: trigger.text, policy: policy)
  }

  mutating func add(_ entry: Entry) -> JobHandle {
    let handle: JobHandle
    if let place = free.popLast() {
      handle = JobHandle(ordinal: place.ordinal, reuse: place.reuse &+ 1)
    } else {
      handle = JobHandle(ordinal: UInt32(entries.count), reuse: 0)
      entries.append(nil)
      plains.append(Plain(reuse: 0, run: nil))
    }
    entries[Int(handle.ordinal)] = entry
    entries[Int(handle.ordinal)]?.reuse = handle.reuse
    notePlain(handle.ordinal)
    ordinals[entry.name] = handle.ordinal
    return handle
  }

  /// Keeps a registration for the end of the load.
  mutating func collect(_ registration: Registration) { loaded.append(registration) }

  mutating func takeLoaded() -> [Registration] {
    defer { loaded = [] }
    return loaded
  }

  /// To be called when an entry has changed.
  private mutating func notePlain(_ ordinal: UInt32) {
    let entry = entries[Int(ordinal)]
    plains[Int(ordinal)] = Plain(reuse: entry?.reuse ?? 0, run: entry.flatMap(Self.plainRun))
  }

  private static func plainRun(_ entry: Entry) -> PlainRun? {
    let limits = entry.policy.value.limits
    guard let callback = entry.callback, entry.functions?.when == nil, limits.cpu == .max else {
      return nil
    }
    let turn = limits.firstTurn
    return PlainRun(callback: callback, soft: turn.soft, evict: turn.evict)
  }

  /// What the start of a run needs that is given nothing; nil where that is more.
  func plainRun(_ handle: JobHandle) -> PlainRun? {
    guard Int(handle.ordinal) < plains.count, plains[Int(handle.ordinal)].reuse == handle.reuse
    else { return nil }
    return plains[Int(handle.ordinal)].run
  }

  subscript(handle: JobHandle) -> Entry? {
    guard Int(handle.ordinal) < entries.count, let entry = entries[Int(handle.ordinal)],
      entry.reuse == handle.reuse
    else { return nil }
    return entry
  }

  func handle(named name: String) -> JobHandle? {
    guard let ordinal = ordinals[name], let entry = entries[Int(ordinal)] else { return nil }
    return JobHandle(ordinal: ordinal, reuse: entry.reuse)
  }

  /// In order of registration; all, or those with a tag.
  func handles(tagged tag: String?) -> [JobHandle] {
    entries.enumerated().compactMap { ordinal, entry in
      guard let entry, tag.map({ entry.policy.value.tags.contains($0) }) ?? true else { return nil }
      return JobHandle(ordinal: UInt32(ordinal), reuse: entry.reuse)
    }
  }

  /// Forgets a job of a callback that has ended; answers the functions that nobody needs any more.
  mutating func release(_ handle: JobHandle) -> [CallbackID] {
    guard let entry = self[handle] else { return [] }
    entries[Int(handle.ordinal)] = nil
    notePlain(handle.ordinal)
    if ordinals[entry.name] == handle.ordinal { ordinals[entry.name] = nil }
    free.append((handle.ordinal, handle.reuse))
    return (entry.callback.map { [$0] } ?? []) + (entry.functions?.owned ?? [])
  }

  /// The functions are gone with their isolate; jobs of callbacks are gone altogether.
  mutating func beginRebinding() {
    isRebinding = true
    derived = [:]
    keys = [:]
    defaults = Options()
    for ordinal in entries.indices {
      guard let entry = entries[ordinal] else { continue }
      if entry.isDynamic {
        _ = release(JobHandle(ordinal: UInt32(ordinal), reuse: entry.reuse))
      } else {
        entries[ordinal]?.callback = nil
        entries[ordinal]?.functions = nil
        notePlain(UInt32(ordinal))
      }
    }
  }

  mutating func endRebinding() { isRebinding = false }

  /// Gives a job its functions in the new isolate; the name is derived as at the first load. Nil for a job that the
  /// generation does not have.
  mutating func rebind(
    name given: String?, trigger: String, callback: CallbackID, functions: JobFunctions?
  ) -> JobHandle? {
    let name: String
    if let given {
      name = given
    } else {
      let number = (derived[trigger] ?? 0) + 1
      derived[trigger] = number
      name = number == 1 ? trigger : "\(trigger) #\(number)"
    }
    guard let handle = handle(named: name) else { return nil }
    entries[Int(handle.ordinal)]?.callback = callback
    entries[Int(handle.ordinal)]?.functions = functions
    notePlain(handle.ordinal)
    return handle
  }
}
