import JobStore
import LuaRuntime
import MoonwheelModel
import Permissions
import SchedulerCore
import Synchronization
import SystemZones
import Triggers
import WorkerPool

/// The services that all isolates of one scheduler share: clock, pool, inbox, event bus, log, store and names.
package final class ScriptEnvironment: Sendable {
  package let configuration: Configuration
  package let clock: any SchedulerClock
  let zones: SystemZones
  /// The zone of triggers that name none.
  package let zone: Zone
  /// Seed of `~` and of random gaps.
  package let seed: UInt64
  package let pool: any TurnQueue
  let meter: RunMeter
  /// ``Configuration/stuckAfter`` in nanoseconds.
  let stuckAfter: Int64
  package let liveIsolates = Atomic<Int>(0)
  private let pausedScripts = Mutex<Set<ScriptID>>([])
  package let inbox: Inbox
  package let bus: EventBus
  package let log: ScriptLog
  let storage: StoreAccess
  let preludes: [[UInt8]]
  private let nextGeneration = Atomic<UInt32>(1)
  private let names = Mutex(ScriptNames())
  package let functions: HostFunctionTable
  /// Steps the core on the calling worker's thread instead of waking the timekeeper's thread.
  let stepInline: @Sendable () -> Void
  /// Called on the worker with each ended run; nil for most hosts.
  let onReport: (@Sendable (RunEnd) -> Void)?

  package init(
    _ configuration: Configuration, clock: any SchedulerClock, zones: SystemZones, zone: Zone,
    seed: UInt64, pool: any TurnQueue, meter: RunMeter, inbox: Inbox, bus: EventBus,
    log: ScriptLog, store: any JobStore, writer: StoreWriter?, preludes: [[UInt8]],
    functions: [HostFunction], stepInline: @escaping @Sendable () -> Void,
    onReport: (@Sendable (RunEnd) -> Void)?
  ) {
    self.configuration = configuration
    self.clock = clock
    self.zones = zones
    self.zone = zone
    self.seed = seed
    self.pool = pool
    self.meter = meter
    stuckAfter = configuration.stuckAfter.clampedNanoseconds
    self.inbox = inbox
    self.bus = bus
    self.log = log
    storage = StoreAccess(store: store, writer: writer)
    self.preludes = preludes
    self.functions = HostFunctionTable(
      functions,
      AfterRunRequests(
        configuration.selection.modules.flatMap(\.afterRun),
        .init(store: store, writer: writer, inbox: inbox, clock: clock, log: log)))
    self.stepInline = stepInline
    self.onReport = onReport
    serveKeys()
  }

  package var store: any JobStore { storage.store }

  /// The store's writer; nil in a simulation, which writes between two turns.
  package var writer: StoreWriter? { storage.writer }

  /// Whether time is virtual and scripts must behave alike on every machine.
  package var isSimulated: Bool { if case .counted = meter { true } else { false } }

  /// Whether runs end at once, without entering Lua.
  var isDry: Bool { isSimulated && configuration.isDry }

  func newGeneration() -> GenerationID {
    GenerationID(rawValue: nextGeneration.wrappingAdd(1, ordering: .relaxed).oldValue)
  }

  package func newScript(named name: String) -> ScriptID {
    names.withLock { $0.add(name) }
  }

  package func name(of script: ScriptID) -> String {
    names.withLock { $0[script] }
  }

  /// What the scripts hold whose isolates exist, by name.
  package var memory: [ScriptMemoryUse] { names.withLock { $0.memory } }

  func newAccount(ofScript name: String) -> (MemoryAccount, script: MemoryAccount) {
    names.withLock { $0.newAccount(of: name, cap: configuration.limits.memory) }
  }

  /// What a new generation of a script may do. A simulation tries scripts out.
  func permissions(of script: ScriptID, _ source: ScriptSource) -> ScriptPermissions {
    let permissions = ScriptPermissions(
      script, source, isSimulated ? .trial : configuration.permissions, inbox: inbox, clock: clock)
    names.withLock { $0.add(permissions) }
    return permissions
  }

  /// Decides once more what scripts may do, after a change of the policy. Warns of those that run on without something
  /// that they could not load without.
  package func decidePermissionsAgain() {
    for permissions in names.withLock({ $0.permissions }) {
      let before = permissions.problem
      guard let problem = permissions.decideAgain(), before == nil else { continue }
      log.warned(
        ["\(problem)\n  It runs on, and is denied that at each call."], in: permissions.script)
    }
  }

  /// Whether a script may do this.
  func allows(_ script: String, _ kind: PermissionKind, _ wanted: String) -> Bool {
    names.withLock { $0.permissions }.contains {
      $0.script == script && $0.grants.allows(kind, wanted)
    }
  }

  /// What the host keeps for a script beyond one of its generations.
  package func account(ofScript name: String) -> MemoryAccount {
    names.withLock { $0.account(of: name) }
  }

  /// Now plus a duration, in elapsed time; `Int64.max` on overflow.
  package func deadline(in nanoseconds: Int64) -> Int64 {
    clock.elapsed.saturatingSum(nanoseconds)
  }

  /// Pauses a script that cannot be kept running, until its file changes or ``resume(_:reason:)`` is called.
  func pause(_ script: ScriptID, name: String, reason: String) {
    _ = pausedScripts.withLock { $0.insert(script) }
    inbox.post(.pauseScript(script, true, reason: reason))
    log.paused(name, reason: reason)
    bus.publish(
      Event(name: "script.paused", payload: ["script": .string(name), "reason": .string(reason)]))
  }

  /// Whether ``pause(_:name:reason:)`` paused it.
  func isPaused(_ script: ScriptID) -> Bool { pausedScripts.withLock { $0.contains(script) } }

  /// Resumes a script that ``pause(_:name:reason:)`` paused. Returns false if it was not.
  @discardableResult
  package func resume(_ script: ScriptID, reason: String) -> Bool {
    guard pausedScripts.withLock({ $0.remove(script) }) != nil else { return false }
    inbox.post(.pauseScript(script, false, reason: reason))
    return true
  }
}
