import Logging
import MoonwheelCore
import Triggers

/// A job as its script describes it.
public struct JobDescription: Sendable {
  public let script: String
  /// Counted from 1; 0 is unknown.
  public let line: Int
  public let name: String
  /// As the script wrote it: `every 10s`.
  public let trigger: String
  /// The same in plain words.
  public let words: String
  /// Of a trigger that goes by wall time; nil for others.
  public let timeZone: Zone?
  /// In which its fires are told: the trigger's, else the host's.
  public let zone: Zone
  /// The first fire if the script were loaded now, before any jitter; nil if there is none.
  public let next: Timestamp?
  /// Whether it goes by time and has no fire left.
  public let isOver: Bool
  public let tags: [String]
  public let policy: JobPolicy
  /// What looks like a mistake in the trigger, though it is not an error.
  public let warnings: [String]
}

/// Scripts loaded in the sandbox without running any job: what `check` and `list` show.
public struct Inspection: Sendable {
  public let jobs: [JobDescription]
  public let errors: [ScriptError]
  public let scripts: [String]

  /// Loads all scripts of the configuration, one after the other, on the calling thread. Throws when a path is not there
  /// or holds no script.
  public init(_ configuration: Configuration) throws {
    var configuration = configuration
    configuration.workers = 1
    configuration.logEvents = nil
    let engine = try Engine(
      configuration, clock: SystemClock(),
      logger: Logger(label: "moonwheel.check") { _ in SwiftLogNoOpLogHandler() },
      logEvents: nil, store: MemoryJobStore(), seed: nil)
    defer { engine.pool.stop() }
    var jobs: [JobDescription] = []
    var errors: [ScriptError] = []
    let sources =
      try ScriptCatalog.find(configuration.paths)
      + configuration.texts.map {
        ScriptSource(name: $0.name, path: nil, root: nil, text: Array($0.source.utf8))
      }
    for source in sources {
      let isolate = engine.isolate(for: engine.newScript(named: source.name), source)
      switch isolate.loadAndWait() {
      case .success(let loaded):
        let now = engine.clock.read().wall
        jobs += loaded.registrations.map {
          JobDescription($0, script: source.name, zone: engine.zone, now: now)
        }
      case .failure(let error): errors.append(error)
      }
    }
    self.jobs = jobs
    self.errors = errors
    scripts = sources.map(\.name)
  }
}

extension JobDescription {
  init(_ registration: Registration, script: String, zone: Zone, now: Timestamp) {
    self.script = script
    line = Int(registration.line)
    name = registration.name
    trigger = registration.trigger.text
    words = registration.trigger.words
    tags = registration.policy.value.tags
    policy = registration.policy.value
    guard case .time(let trigger) = registration.trigger else {
      warnings = []
      timeZone = nil
      self.zone = zone
      next = nil
      isOver = false
      return
    }
    if case .calendar(let calendar) = trigger { timeZone = calendar.zone } else { timeZone = nil }
    self.zone = timeZone ?? zone
    let first = policy.now ? now : policy.window.firstFire(of: trigger, registered: now)
    next = policy.paused ? nil : first
    isOver = first == nil && trigger != .reboot
    // That an `at` is over is as it should be.
    let looksWrong = isOver && (trigger.instants == nil || !policy.window.isOpen)
    warnings =
      trigger.warnings + (looksWrong ? ["the job \"\(registration.name)\" never fires again"] : [])
  }
}
