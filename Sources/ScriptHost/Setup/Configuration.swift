import Glibc
import LuaRuntime
import Triggers

/// The settings of a scheduler.
public struct Configuration: Sendable {
  /// Scripts and folders of scripts.
  public var paths: [String]
  /// Scripts given as text, with their names; they are loaded once.
  public var texts: [(name: String, source: String)]
  /// Watch the paths and reload changed scripts.
  public var watches: Bool
  /// Threads that run scripts.
  public var workers: Int
  /// The time zone of triggers that name none; nil for the system's.
  public var timeZone: String?
  /// Seed of random triggers; nil for the time of the start.
  public var seed: UInt64?
  /// A pattern of the host events to log; nil for none.
  public var logEvents: String?
  /// How long a stop waits for runs to end.
  public var shutdownTimeout: Duration
  /// The bounds of each script's isolate.
  public var limits: IsolateLimits
  /// The most bytes that the option `memory` may ask for.
  public var largestMemory: Int
  /// Processor time that loading a script may take.
  public var loadLimit: Duration
  /// How long a callback computes before others have a turn.
  public var slice: Duration
  /// The host warns once of a callback that has computed this long without waiting: the script's other jobs cannot run
  /// meanwhile.
  public var stuckAfter: Duration
  /// Fires and ends of waits within this time, of up to a second, share one wake-up of the host: each may be that much
  /// later, and costs less. Zero wakes for each.
  public var resolution: Duration
  /// Bytes that all scripts together may hold; 0 for no cap. At the cap no script is loaded.
  public var hostMemory: Int
  /// Jobs that one script may have at once.
  public var jobLimit: Int
  /// Bytes that one script may log in a burst. Lines beyond this and ``outputPerSecond`` are left out.
  public var outputBurst: Int
  /// Bytes per second that one script may log in the long run.
  public var outputPerSecond: Int
  /// The signal that preempts workers; one per process.
  public var preemptionSignal: Int32
  /// A script with this many evictions within a minute is paused.
  public var evictionsBeforePause: Int
  /// Events that may wait for one handler, unless its `backlog` says otherwise.
  public var eventQueue: Int
  /// The longest chain of events, each emitted by a handler of the one before. `emit` refuses the next one.
  public var eventDepth: Int
  /// The path of the alarm script, or the name of one of ``texts``: its handlers get every run that was given up (`run.given_up`), every script that does
  /// not load (`script.failed`) and every failure of the store (`scheduler.degraded`), of all scripts, also from before it
  /// was loaded. In a storm of failures they get sums. Nil for none.
  public var onFailure: String?
  /// Load scripts although the linked Lua has known memory faults: see ``UnsafeLuaError``.
  public var allowsUnsafeLua: Bool
  /// In a simulation, runs succeed at once: the host calls neither callbacks nor hooks, so no run sleeps, fails, is
  /// retried, logs or emits. Trigger functions are still called.
  public var isDry: Bool
  package var selection = ScriptSelection()

  public init(paths: [String] = []) {
    self.paths = paths
    texts = []
    watches = true
    workers = Configuration.defaultWorkers
    timeZone = nil
    seed = nil
    logEvents = Configuration.defaultLogEvents
    shutdownTimeout = .seconds(25)
    limits = IsolateLimits()
    largestMemory = 512 << 20
    loadLimit = .seconds(2)
    slice = .milliseconds(5)
    stuckAfter = .seconds(10)
    resolution = .zero
    hostMemory = 0
    jobLimit = 250_000
    outputBurst = 1 << 20
    outputPerSecond = 128 << 10
    preemptionSignal = SIGURG
    evictionsBeforePause = 5
    eventQueue = 1_000
    eventDepth = 16
    onFailure = nil
    allowsUnsafeLua = false
    isDry = false
  }

  /// Events of scripts and of the scheduler, and of runs that did not succeed.
  public static let defaultLogEvents =
    "script.* | scheduler.* | run.failed | run.missed | run.skipped | run.denied | run.timed_out | run.cancelled | run.dropped | run.evicted | run.abandoned"

  /// One thread per processor, at least two.
  public static var defaultWorkers: Int { max(2, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }
}

extension Configuration {
  /// Who decides what scripts may do that could hurt. Nothing by default.
  public var permissions: PermissionPolicy {
    get { selection.permissions }
    set { selection.permissions = newValue }
  }
}

/// Which scripts are loaded, from where, with which modules, and what they may do.
package struct ScriptSelection: Sendable {
  /// Scripts whose files the caller has read already.
  package var sources: [ScriptSource] = []
  /// For one run of one job: the only script to load; its jobs do not fire by themselves.
  package var execution: String?
  /// What gives the scripts further words.
  package var modules: [HostModule] = []
  package var permissions = PermissionPolicy.none
  /// Whether what programs of scripts leave behind is adopted by this process, and ended. For a process that is ours alone,
  /// whose main thread blocks SIGCHLD.
  package var adoptsOrphans = false
  /// Whether to do as on a kernel that cannot confine programs; for tests.
  package var cannotConfine = false
  package var standardModules = Configuration.allStandardModules
  package var filesFolder: String?
  package var secrets = SecretSources()
  package var sshConfig: String?
  /// Of a simulation.
  package var scratch = SimulationScratch()
}

extension Configuration {
  /// The folder in which scripts keep files of their own: `fs.data` and `fs.tmp`. Nil for the place of a durable store,
  /// or where nothing is kept, for a folder that goes when the host stops.
  public var filesFolder: String? {
    get { selection.filesFolder }
    set { selection.filesFolder = newValue }
  }
}

extension Configuration {
  /// The file of settings for `ssh`, as in `ssh -F`. Nil for `~/.ssh/config` and the system's. No script may write it.
  public var sshConfig: String? {
    get { selection.sshConfig }
    set { selection.sshConfig = newValue }
  }
}

extension Configuration {
  /// The names of the standard modules that scripts get: all of them, unless the program takes some out.
  public var standardModules: Set<String> {
    get { selection.standardModules }
    set { selection.standardModules = newValue }
  }

  /// The names of the standard modules, as in `fs`.
  public static let allStandardModules: Set<String> = [
    "fs", "http", "kv", "secret", "sh", "ssh",
  ]
}
