import MoonwheelModel
import SchedulerCore
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
    /// Of events that it handles.
    var pattern: EventPattern?
  }

  /// A name that no job has.
  struct FreeName {
    let text: String
  }

  /// What a fire needs of a job whose runs are given nothing; apart, so that a fire follows no reference.
  private struct StartFields {
    var reuse: UInt32
    /// 0 for a job with a `when`, or whose runs have a limit of processor time.
    var callback: Int32 = 0
    var soft: Int64 = 0
    var evict: Int64 = 0

    init(reuse: UInt32) { self.reuse = reuse }

    init(_ entry: borrowing Entry) {
      reuse = entry.reuse
      guard let callback = entry.callback, entry.functions?.when == nil,
        entry.policy.value.limits.cpu == .max
      else { return }
      let turn = entry.policy.value.limits.firstTurn
      self.callback = callback.rawValue
      soft = turn.soft
      evict = turn.evict
    }
  }

  /// What a job says that has a length of time and nothing else, as `every("10s", f)`.
  struct SimpleJob {
    fileprivate var word: String
    fileprivate var spec: String
    var trigger: JobTrigger
    /// Of the trigger.
    var text: String
    var policy: SharedPolicy
  }

  private let scriptName: String
  private var entries: ContiguousArray<Entry?> = []
  private var startFields: ContiguousArray<StartFields> = []
  private var free: [(ordinal: UInt32, reuse: UInt32)] = []
  private var ordinals = NameIndex()
  /// Whether a script has given a name, which may be one that would be derived.
  private var hasGivenNames = false
  private var derived: [String: Int] = [:]
  /// The last of `derived`, which is not told of it while the same goes on.
  private var lastDerived = (trigger: "", prefix: "", number: 0)
  private var keys: [String: Int] = [:]
  private var loaded: [Registration] = []
  private var lastPolicy = SharedPolicy(JobPolicy())
  private var lastPosition = ""
  private var lastSimple: SimpleJob?
  /// Options that hold for the jobs registered from now on.
  var defaults = Options()
  /// While the script is loaded again after an eviction: its registrations are matched to the jobs that it has.
  private(set) var isRebinding = false
  /// Of all handlers.
  private var patterns = PatternQuota()

  init(scriptName: String) { self.scriptName = scriptName }

  var count: Int { ordinals.count }

  /// A name by trigger and order, so that moving lines does not change it: `every 10s`, `every 10s #2`.
  mutating func derivedName(_ trigger: String) -> FreeName {
    while true {
      let name = nextName(trigger)
      // Derived ones differ among themselves.
      if !hasGivenNames || ordinal(of: name) == nil { return FreeName(text: name) }
    }
  }

  private mutating func nextName(_ trigger: String) -> String {
    if lastDerived.trigger != trigger {
      derived[lastDerived.trigger] = lastDerived.number
      lastDerived = (trigger, "\(trigger) #", derived[trigger] ?? 0)
    }
    lastDerived.number += 1
    return lastDerived.number == 1 ? trigger : lastDerived.prefix + String(lastDerived.number)
  }

  private mutating func settleNames() {
    ordinals.indexPending { NameIndex.hash(entries[$0]?.name ?? "") }
  }

  private mutating func ordinal(of name: String) -> Int? {
    settleNames()
    return ordinals.find(hash: NameIndex.hash(name)) { entries[$0]?.name == name }
  }

  /// The name, unless a job has it; else where that was registered.
  mutating func free(_ name: String) -> (FreeName?, takenAt: String) {
    hasGivenNames = true
    guard let ordinal = ordinal(of: name) else { return (FreeName(text: name), "") }
    return (nil, entries[ordinal].map { $0.position } ?? "")
  }

  /// What stands for a job without a name in what is hashed or drawn: jobs that say the same differ by their order.
  mutating func key(for spec: String) -> String {
    let number = (keys[spec] ?? 0) + 1
    keys[spec] = number
    return number == 1 ? spec : "\(spec) #\(number)"
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

  /// What such a job says, once ``noteSimple(_:_:_:_:)`` has told what one says.
  mutating func simpleJob(_ word: String, _ spec: String) -> SimpleJob? {
    guard defaults.isEmpty, let last = lastSimple else { return nil }
    if last.spec == spec, last.word == word { return last }
    guard word == "every" || word == "after",
      let trigger = Trigger.parseShort(spec, once: word == "after")
    else { return nil }
    let job = SimpleJob(
      word: word, spec: spec, trigger: .time(trigger), text: trigger.text, policy: last.policy)
    lastSimple = job
    return job
  }

  /// A job without options was registered: those with a length of time have all the same policy.
  mutating func noteSimple(
    _ word: String, _ spec: String, _ trigger: JobTrigger, _ policy: SharedPolicy
  ) {
    guard lastSimple == nil, defaults.isEmpty, word == "every" || word == "after",
      Trigger.parseShort(spec, once: word == "after") != nil
    else { return }
    lastSimple = SimpleJob(
      word: word, spec: spec, trigger: trigger, text: trigger.text, policy: policy)
  }

  /// Whether a handler may have the pattern.
  func hasRoom(for pattern: EventPattern) -> Bool { patterns.hasRoom(for: pattern) }

  /// A job has another trigger.
  mutating func note(_ pattern: EventPattern?, of handle: JobHandle) {
    guard let entry = self[handle] else { return }
    if let former = entry.pattern { patterns.remove(former) }
    if let pattern { patterns.add(pattern) }
    entries[Int(handle.index)]?.pattern = pattern
  }

  /// Under a name that is free.
  mutating func add(_ entry: Entry, _ name: FreeName) -> JobHandle {
    let handle: JobHandle
    var entry = entry
    if let place = free.popLast() {
      handle = JobHandle(index: place.ordinal, reuse: place.reuse &+ 1)
      entry.reuse = handle.reuse
      startFields[Int(handle.index)] = StartFields(entry)
      entries[Int(handle.index)] = entry
    } else {
      handle = JobHandle(index: UInt32(entries.count), reuse: 0)
      entry.reuse = 0
      startFields.append(StartFields(entry))
      entries.append(entry)
    }
    ordinals.append(Int(handle.index))
    if let pattern = entry.pattern { patterns.add(pattern) }
    return handle
  }

  /// Registers jobs that differ from the last one in their callbacks alone, while the script loads: that was a plain one.
  mutating func addAgain(_ callbacks: [CallbackID]) {
    guard let last = loaded.last, let fields = lastSimple else { return }
    for callback in callbacks {
      let name = derivedName(fields.text)
      let handle = add(
        Entry(
          name: name.text, policy: fields.policy, callback: callback, isHandler: false,
          isDynamic: false, position: lastPosition, reuse: 0), name)
      loaded.append(
        Registration(
          handle: handle, name: name.text, trigger: fields.trigger, policy: fields.policy,
          callback: callback, line: last.line, isDynamic: false, isNamed: false))
    }
  }

  /// Keeps a registration for the end of the load.
  mutating func collect(_ registration: Registration) { loaded.append(registration) }

  mutating func takeLoaded() -> [Registration] {
    defer { loaded = [] }
    return loaded
  }

  /// To be called when an entry has changed.
  private mutating func updateStartFields(_ ordinal: UInt32) {
    startFields[Int(ordinal)] = entries[Int(ordinal)].map { StartFields($0) } ?? StartFields(reuse: 0)
  }

  /// What the start of a run needs that is given nothing; nil where that is more.
  func callbackStart(_ handle: JobHandle) -> CallbackStart? {
    guard Int(handle.index) < startFields.count else { return nil }
    let fields = startFields[Int(handle.index)]
    guard fields.reuse == handle.reuse, fields.callback != 0 else { return nil }
    return CallbackStart(
      callback: CallbackID(rawValue: fields.callback), soft: fields.soft, evict: fields.evict)
  }

  subscript(handle: JobHandle) -> Entry? {
    guard Int(handle.index) < entries.count, let entry = entries[Int(handle.index)],
      entry.reuse == handle.reuse
    else { return nil }
    return entry
  }

  mutating func handle(named name: String) -> JobHandle? {
    guard let ordinal = ordinal(of: name), let entry = entries[ordinal] else {
      return nil
    }
    return JobHandle(index: UInt32(ordinal), reuse: entry.reuse)
  }

  /// In order of registration; all, or those with a tag.
  func handles(tagged tag: String?) -> [JobHandle] {
    entries.enumerated().compactMap { ordinal, entry in
      guard let entry, tag.map({ entry.policy.value.tags.contains($0) }) ?? true else { return nil }
      return JobHandle(index: UInt32(ordinal), reuse: entry.reuse)
    }
  }

  /// Forgets a job of a callback that has ended; answers the functions that nobody needs any more.
  mutating func release(_ handle: JobHandle) -> [CallbackID] {
    guard let entry = self[handle] else { return [] }
    settleNames()
    if let pattern = entry.pattern { patterns.remove(pattern) }
    entries[Int(handle.index)] = nil
    updateStartFields(handle.index)
    ordinals.remove(Int(handle.index), hash: NameIndex.hash(entry.name))
    free.append((handle.index, handle.reuse))
    return (entry.callback.map { [$0] } ?? []) + (entry.functions?.owned ?? [])
  }

  /// The functions are gone with their isolate; jobs of callbacks are gone altogether.
  mutating func beginRebinding() {
    isRebinding = true
    derived = [:]
    lastDerived = ("", "", 0)
    keys = [:]
    defaults = Options()
    for ordinal in entries.indices {
      guard let entry = entries[ordinal] else { continue }
      if entry.isDynamic {
        _ = release(JobHandle(index: UInt32(ordinal), reuse: entry.reuse))
      } else {
        entries[ordinal]?.callback = nil
        entries[ordinal]?.functions = nil
        updateStartFields(UInt32(ordinal))
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
      name = nextName(trigger)
    }
    guard let handle = handle(named: name) else { return nil }
    entries[Int(handle.index)]?.callback = callback
    entries[Int(handle.index)]?.functions = functions
    updateStartFields(handle.index)
    return handle
  }
}
