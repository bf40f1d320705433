import JobStore
import LuaRuntime
import MoonwheelModel
import SchedulerCore
import Synchronization
import SystemZones
import Triggers
import WorkerPool

/// What the isolates of one scheduler share: the clock, the pool, what they post to, and who they are.
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
  /// Whether runs without input are started back to back.
  let startsBatches: Bool
  /// In nanoseconds: see ``Configuration/stuckAfter``.
  let stuckAfter: Int64
  /// How many isolates exist.
  package let liveIsolates = Atomic<Int>(0)
  private let pausedScripts = Mutex<Set<ScriptID>>([])
  package let inbox: Inbox
  package let bus: EventBus
  package let log: ScriptLog
  package let store: any JobStore
  /// Writes a durable store; nil for another, which is written at once.
  package let writer: StoreWriter?
  let preludes: [[UInt8]]
  private let nextGeneration = Atomic<UInt32>(1)
  /// By their ids, which count from 1.
  private let scriptNames = Mutex<[String]>([])
  package let functions: Mutex<[HostFunction]>
  /// Steps the core on the calling worker's thread, instead of waking the timekeeper's; see ``WakeReason``.
  let stepInline: @Sendable (WakeReason) -> Void
  /// Called with each run that has ended, on its worker; nil for most hosts.
  let onReport: (@Sendable (RunReport) -> Void)?

  package init(
    _ configuration: Configuration, clock: any SchedulerClock, zones: SystemZones, zone: Zone,
    seed: UInt64, pool: any TurnQueue, meter: RunMeter, inbox: Inbox, bus: EventBus,
    log: ScriptLog, store: any JobStore, writer: StoreWriter?, preludes: [[UInt8]],
    functions: [HostFunction], stepInline: @escaping @Sendable (WakeReason) -> Void,
    onReport: (@Sendable (RunReport) -> Void)?
  ) {
    self.configuration = configuration
    self.clock = clock
    self.zones = zones
    self.zone = zone
    self.seed = seed
    self.pool = pool
    self.meter = meter
    if case .machine = meter { startsBatches = clock.isRealTime } else { startsBatches = false }
    stuckAfter = configuration.stuckAfter.clampedNanoseconds
    self.inbox = inbox
    self.bus = bus
    self.log = log
    self.store = store
    self.writer = writer
    self.preludes = preludes
    self.functions = Mutex(functions)
    self.stepInline = stepInline
    self.onReport = onReport
  }

  /// Whether time is virtual, and scripts are to do the same on every machine.
  package var isSimulated: Bool { if case .counted = meter { true } else { false } }

  /// Whether runs end at once, without entering Lua.
  var isDry: Bool { isSimulated && configuration.isDry }

  func newGeneration() -> GenerationID {
    GenerationID(rawValue: nextGeneration.wrappingAdd(1, ordering: .relaxed).oldValue)
  }

  package func newScript(named name: String) -> ScriptID {
    scriptNames.withLock { names in
      names.append(name)
      return ScriptID(rawValue: Int32(names.count))
    }
  }

  package func name(of script: ScriptID) -> String {
    scriptNames.withLock { names in
      let place = Int(script.rawValue) - 1
      return names.indices.contains(place) ? names[place] : ""
    }
  }

  /// Elapsed time after a while from now; the far end of time if that is beyond it.
  package func deadline(in nanoseconds: Int64) -> Int64 {
    clock.elapsed.saturatingSum(nanoseconds)
  }

  /// Stops a script that cannot be kept running, until it is changed or resumed.
  func pause(_ script: ScriptID, name: String, reason: String) {
    _ = pausedScripts.withLock { $0.insert(script) }
    inbox.post(.pauseScript(script, true, reason: reason))
    log.paused(name, reason: reason)
    bus.publish(
      Event(name: "script.paused", payload: ["script": .string(name), "reason": .string(reason)]))
  }

  /// Whether ``pause(_:name:reason:)`` stopped it.
  func isPaused(_ script: ScriptID) -> Bool { pausedScripts.withLock { $0.contains(script) } }

  /// Lets a script go on that ``pause(_:name:reason:)`` stopped; whether it was.
  @discardableResult
  package func resume(_ script: ScriptID, reason: String) -> Bool {
    guard pausedScripts.withLock({ $0.remove(script) }) != nil else { return false }
    inbox.post(.pauseScript(script, false, reason: reason))
    return true
  }
}
