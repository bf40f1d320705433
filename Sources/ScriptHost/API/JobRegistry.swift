import LuaRuntime
import MoonwheelModel
import SchedulerCore
import Triggers

/// The jobs of one generation: names, handles, and the facts that host functions need without asking the core.
struct JobRegistry {
  struct Entry {
    var name: String
    var policy: SharedPolicy
    /// Nil if the script did not register it again after an eviction.
    var callback: CallbackID?
    /// Nil for most jobs.
    var functions: JobFunctions?
    /// Whether its trigger is an event.
    var isHandler: Bool
    /// Whether a callback registered it.
    var isDynamic: Bool
    var position: String
    var reuse: UInt32
    /// What it counts for the script's memory.
    var bytes: UInt32
    /// The events that it handles; nil for other jobs.
    var pattern: EventPattern?

    /// Nil if its runs start one by one, each in an isolate of its own.
    fileprivate var batchCallback: CallbackID? { policy.value.isolatesRuns ? nil : callback }
  }

  /// A name that no job has.
  struct FreeName {
    let text: String
  }

  /// What runs need to start in a batch. They are apart from the entries, to keep them in the cache.
  struct Starts {
    private struct Fields {
      var reuse: UInt32
      /// None for a job with a limit of processor time, whose runs start one by one.
      var callback = CallbackID.none
      var when = CallbackID.none
      var limits = TurnLimits()
    }

    private var fields: ContiguousArray<Fields> = []

    /// Nil for a run that must start by itself.
    subscript(handle: JobHandle) -> CallbackStart? {
      guard Int(handle.index) < fields.count else { return nil }
      let fields = fields[Int(handle.index)]
      guard fields.reuse == handle.reuse, fields.callback.rawValue != 0 else { return nil }
      return CallbackStart(callback: fields.callback, when: fields.when, limits: fields.limits)
    }

    /// Sets those of the job at an index, which may be the next one. `callback` is nil if there is no such job.
    fileprivate mutating func set(
      _ index: Int, reuse: UInt32, _ callback: CallbackID?, when: CallbackID?, _ limits: RunLimits
    ) {
      var new = Fields(reuse: reuse)
      if let callback, limits.cpu == .max {
        new.callback = callback
        new.when = when ?? .none
        new.limits = limits.firstTurn
      }
      if index == fields.count { fields.append(new) } else { fields[index] = new }
    }
  }

  /// The common part of jobs that have only a duration, as `every("10s", f)`.
  struct OptionlessJob {
    fileprivate var word: String
    fileprivate var spec: String
    var trigger: JobTrigger
    /// The text of the trigger.
    var text: String
    var policy: SharedPolicy
  }

  private let scriptName: String
  private var entries: ContiguousArray<Entry?> = []
  private(set) var starts = Starts()
  private var freeSlots: [(ordinal: UInt32, reuse: UInt32)] = []
  private var ordinals = NameIndex()
  /// Whether the script has given a name itself; it may equal a derived one.
  private var hasGivenNames = false
  private var derived: [String: Int] = [:]
  /// The count of the trigger registered last; it is written to `derived` when another trigger follows.
  private var lastDerived = (trigger: "", prefix: "", number: 0)
  private var keys: [String: Int] = [:]
  private var loaded: [Registration] = []
  private var lastPolicy = SharedPolicy(JobPolicy())
  private var lastPosition = ""
  private var lastOptionless: OptionlessJob?
  /// Default options of the jobs registered from now on.
  var defaults = Options()
  /// The former names of the script.
  var formerly: [String] = []
  /// True while the script loads again after an eviction or for a private isolate: registrations attach their functions
  /// to existing jobs.
  private(set) var isReattaching = false
  /// The patterns of all handlers.
  private var patterns = PatternQuota()
  /// What all jobs count for the script's memory.
  private(set) var bytes = 0

  init(scriptName: String) { self.scriptName = scriptName }

  var count: Int { ordinals.count }

  /// A name made of trigger and order, so that moved lines keep it: `every 10s`, `every 10s #2`.
  mutating func derivedName(_ trigger: String) -> FreeName {
    while true {
      let name = nextName(trigger)
      // Derived names differ from each other; only a given name can be equal.
      if !hasGivenNames || ordinal(of: name) == nil { return FreeName(text: name) }
    }
  }

  private mutating func nextName(_ trigger: String) -> String {
    if lastDerived.trigger != trigger {
      forgetNumbersIfMany()
      derived[lastDerived.trigger] = lastDerived.number
      lastDerived = (trigger, "\(trigger) #", derived[trigger] ?? 0)
    }
    lastDerived.number += 1
    return lastDerived.number == 1 ? trigger : lastDerived.prefix + String(lastDerived.number)
  }

  /// A callback may register jobs with ever new triggers: `after(math.random(), f)`. Once there are many more numbers than
  /// jobs, they begin anew, and each name is compared with those that exist.
  private mutating func forgetNumbersIfMany() {
    guard derived.count + keys.count > 4 * count + 4_096 else { return }
    hasGivenNames = true
    derived = [:]
    keys = [:]
  }

  private mutating func indexPendingNames() {
    ordinals.indexPending { NameIndex.hash(entries[$0]?.name ?? "") }
  }

  private mutating func ordinal(of name: String) -> Int? {
    indexPendingNames()
    return ordinals.find(hash: NameIndex.hash(name)) { entries[$0]?.name == name }
  }

  /// The name that the script gives a job, or one derived from its trigger.
  ///
  /// - Parameter limit: how many jobs the script may have.
  mutating func freeName(
    _ given: String?, trigger: String, limit: Int, isLoading: Bool
  ) throws(Mistake) -> FreeName {
    guard count < limit else {
      throw Mistake("a script may have at most \(limit) jobs at once")
    }
    guard let name = given else { return derivedName(trigger) }
    hasGivenNames = true
    guard let ordinal = ordinal(of: name) else { return FreeName(text: name) }
    let position = entries[ordinal].map { $0.position } ?? ""
    // Most often a job registers itself anew in its own callback, while it still has its name.
    let remedy =
      isLoading ? "" : "; to let that job run again: jobs[\"\(name)\"]:reschedule(after(\"1h\"))"
    throw Mistake(
      "the name \"\(name)\" is taken by the job at \(position); give one of them another name\(remedy)"
    )
  }

  /// Identifies a job without a name in hashes and random numbers; equal specs get different keys by order.
  mutating func key(for spec: String) -> String {
    let number = (keys[spec] ?? 0) + 1
    keys[spec] = number
    return number == 1 ? spec : "\(spec) #\(number)"
  }

  /// Returns one object for equal policies in a row, which saves memory. Asks for memory for a new one.
  mutating func share(
    _ policy: JobPolicy, hold: (_ bytes: Int) throws(Mistake) -> MemoryHold
  ) throws(Mistake) -> SharedPolicy {
    if lastPolicy.value != policy {
      let hold = isReattaching ? .none : try hold(policy.footprint)
      lastPolicy = SharedPolicy(policy, hold: hold)
    }
    return lastPolicy
  }

  /// Returns one string for equal positions in a row: a loop registers all its jobs on one line.
  mutating func share(_ position: String) -> String {
    if lastPosition != position { lastPosition = position }
    return lastPosition
  }

  /// The job of a word and a duration without options. Nil before the first ``rememberOptionless(_:_:_:_:)``, or if the
  /// spec is not a duration.
  mutating func optionlessJob(_ word: String, _ spec: String) -> OptionlessJob? {
    guard defaults.isEmpty, let last = lastOptionless else { return nil }
    if last.spec == spec, last.word == word { return last }
    guard word == "every" || word == "after",
      let trigger = Trigger.parseShort(spec, once: word == "after")
    else { return nil }
    let job = OptionlessJob(
      word: word, spec: spec, trigger: .time(trigger), text: trigger.text, policy: last.policy)
    lastOptionless = job
    return job
  }

  /// Remembers the policy of a registered job without options: all jobs with only a duration have this policy.
  mutating func rememberOptionless(
    _ word: String, _ spec: String, _ trigger: JobTrigger, _ policy: SharedPolicy
  ) {
    guard lastOptionless == nil, defaults.isEmpty, word == "every" || word == "after",
      Trigger.parseShort(spec, once: word == "after") != nil
    else { return }
    lastOptionless = OptionlessJob(
      word: word, spec: spec, trigger: trigger, text: trigger.text, policy: policy)
  }

  /// Whether the quota allows a handler with the pattern.
  func hasRoom(for pattern: EventPattern) -> Bool { patterns.hasRoom(for: pattern) }

  /// Call this when a job gets another trigger; nil unless it is an event.
  mutating func setPattern(_ pattern: EventPattern?, of handle: JobHandle) {
    guard let entry = self[handle] else { return }
    if let former = entry.pattern { patterns.remove(former) }
    if let pattern { patterns.add(pattern) }
    entries[Int(handle.index)]?.pattern = pattern
  }

  mutating func add(_ entry: Entry, _ name: FreeName) -> JobHandle {
    let handle: JobHandle
    var entry = entry
    if let slot = freeSlots.popLast() {
      handle = JobHandle(index: slot.ordinal, reuse: slot.reuse &+ 1)
      entry.reuse = handle.reuse
      entries[Int(handle.index)] = entry
    } else {
      handle = JobHandle(index: UInt32(entries.count), reuse: 0)
      entry.reuse = 0
      entries.append(entry)
    }
    starts.set(
      Int(handle.index), reuse: entry.reuse, entry.batchCallback, when: entry.functions?.when,
      entry.policy.value.limits)
    ordinals.append(Int(handle.index))
    bytes += Int(entry.bytes)
    if let pattern = entry.pattern { patterns.add(pattern) }
    return handle
  }

  /// Registers jobs that differ from the last one only in their callbacks. The last one had only a duration.
  mutating func addAgain(_ callbacks: [CallbackID]) {
    guard let last = loaded.last, let fields = lastOptionless else { return }
    for callback in callbacks {
      let name = derivedName(fields.text)
      let handle = add(
        Entry(
          name: name.text, policy: fields.policy, callback: callback, isHandler: false,
          isDynamic: false, position: lastPosition, reuse: 0,
          bytes: UInt32(
            clamping: ScriptMemory.bytes(ofJob: name.text, trigger: fields.text))), name)
      loaded.append(
        Registration(
          handle: handle, name: name.text, trigger: fields.trigger, policy: fields.policy,
          callback: callback, line: last.line, isDynamic: false, isNamed: false))
    }
  }

  /// Keeps a registration for the end of the load.
  mutating func collect(_ registration: Registration) { loaded.append(registration) }

  mutating func drainLoaded() -> [Registration] {
    defer { loaded = [] }
    return loaded
  }

  /// Call this when an entry has changed.
  private mutating func updateStart(_ ordinal: UInt32) {
    let entry = entries[Int(ordinal)]
    starts.set(
      Int(ordinal), reuse: entry?.reuse ?? 0, entry?.batchCallback, when: entry?.functions?.when,
      entry?.policy.value.limits ?? RunLimits())
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

  /// All jobs, or those with a tag, in order of registration.
  func handles(tagged tag: String?) -> [JobHandle] {
    entries.enumerated().compactMap { ordinal, entry in
      guard let entry, tag.map({ entry.policy.value.tags.contains($0) }) ?? true else { return nil }
      return JobHandle(index: UInt32(ordinal), reuse: entry.reuse)
    }
  }

  /// Removes an ended job that a callback registered. Returns its functions, which can be freed.
  mutating func release(_ handle: JobHandle) -> [CallbackID] {
    guard let entry = self[handle] else { return [] }
    indexPendingNames()
    bytes -= Int(entry.bytes)
    if let pattern = entry.pattern { patterns.remove(pattern) }
    entries[Int(handle.index)] = nil
    updateStart(handle.index)
    ordinals.remove(Int(handle.index), hash: NameIndex.hash(entry.name))
    freeSlots.append((handle.index, handle.reuse))
    return (entry.callback.map { [$0] } ?? []) + (entry.functions?.ownCallbacks ?? [])
  }

  /// Forgets all functions, which the new isolate does not have, and removes jobs that callbacks registered.
  mutating func beginReattaching() {
    isReattaching = true
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
        updateStart(UInt32(ordinal))
      }
    }
  }

  mutating func endReattaching() { isReattaching = false }

  /// Attaches functions of the new isolate to a job, whose name is derived as at the first load. Nil if the generation
  /// has no such job.
  mutating func reattach(
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
    updateStart(handle.index)
    return handle
  }
}
