import Glibc
import LuaRuntime
import Triggers

/// How a scheduler is set up.
public struct Configuration: Sendable {
  /// Scripts and folders of scripts.
  public var paths: [String]
  /// Scripts that are given as text, by name; they are loaded once.
  public var texts: [(name: String, source: String)]
  /// Watch the paths and reload what is changed.
  public var watches: Bool
  /// Threads that run scripts.
  public var workers: Int
  /// Time zone of triggers that name none; nil is the system's.
  public var timeZone: String?
  /// What random triggers are drawn from; nil is the time of the start.
  public var seed: UInt64?
  /// Which host events are logged, as a pattern; nil is none.
  public var logEvents: String?
  /// How long a stop lets runs go on, in seconds.
  public var shutdownTimeout: Double
  /// The bounds of each script's isolate.
  public var limits: IsolateLimits
  /// Bytes that a script may ask for with the option `memory`.
  public var largestMemory: Int
  /// Processor time that loading a script may take, in seconds.
  public var loadLimit: Double
  /// How long a callback computes before others have their turn, in seconds.
  public var slice: Double
  /// A callback that has computed for so long without waiting is told of, once: the script's other jobs cannot run meanwhile.
  public var stuckAfter: Duration
  /// Fires, and ends of waits, that come within so many seconds share one wake-up of the host, at most 1: each may be later
  /// by that, and costs less. 0 wakes for each.
  public var resolution: Double
  /// Bytes that all scripts together may hold; 0 is no cap. At the cap nothing more is loaded.
  public var hostMemory: Int
  /// Jobs that one script may have at once.
  public var jobLimit: Int
  /// Bytes that one script may log at once, and each second after that; what goes beyond is left out.
  public var outputBurst: Int
  public var outputPerSecond: Int
  /// The signal by which workers are preempted; the same in the whole process.
  public var preemptionSignal: Int32
  /// A script that is evicted so often within a minute is paused.
  public var evictionsBeforePause: Int
  /// Events that may wait for one handler, unless its `backlog` says otherwise.
  public var eventQueue: Int
  /// A chain of events, each emitted by a handler of the one before, is cut when it is longer.
  public var eventDepth: Int
  /// Load scripts although the Lua that is linked has known memory faults: see ``UnsafeLuaError``.
  public var allowsUnsafeLua: Bool
  /// In a simulation, runs succeed at once: neither callbacks nor hooks are called, so nothing sleeps, fails, is tried again,
  /// logs or emits. Functions that are triggers are still asked.
  public var isDry: Bool
  /// Scripts that were read already.
  package var sources: [ScriptSource] = []
  /// The one script that is loaded, with jobs that do not fire: for one run of one of them.
  package var execution: String?

  public init(paths: [String] = []) {
    self.paths = paths
    texts = []
    watches = true
    workers = Configuration.defaultWorkers
    timeZone = nil
    seed = nil
    logEvents = Configuration.defaultLogEvents
    shutdownTimeout = 25
    limits = IsolateLimits()
    largestMemory = 512 << 20
    loadLimit = 2
    slice = 0.005
    stuckAfter = .seconds(10)
    resolution = 0
    hostMemory = 0
    jobLimit = 250_000
    outputBurst = 1 << 20
    outputPerSecond = 128 << 10
    preemptionSignal = SIGURG
    evictionsBeforePause = 5
    eventQueue = 1_000
    eventDepth = 16
    allowsUnsafeLua = false
    isDry = false
  }

  /// Scripts, the scheduler, and runs that did not end well.
  public static let defaultLogEvents =
    "script.* | scheduler.* | run.failed | run.missed | run.skipped | run.denied | run.timed_out | run.cancelled | run.dropped | run.evicted | run.abandoned"

  /// A thread for each processor, and at least two.
  public static var defaultWorkers: Int { max(2, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }
}
