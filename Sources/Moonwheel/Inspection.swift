import JobStore
import Logging
import MoonwheelModel
import SchedulerCore
import SchedulerEngine
import ScriptHost
import SystemCalls
import Triggers

/// A job as its script registers it.
public struct JobDescription: Sendable {
  /// The name of the script: its path below the folder that was given.
  public let script: String
  /// The line of the script that registers it, counted from 1; 0 is unknown.
  public let line: Int
  public let name: String
  /// The trigger as the script wrote it: `every 10s`.
  public let trigger: String
  /// The trigger in words: `every 10 seconds`.
  public let words: String
  /// The zone of a trigger that depends on wall time; nil for others.
  package let triggerZone: Zone?
  /// The zone in which to show its fires: the trigger's, or else the host's.
  package let zone: Zone
  /// The first fire if the script were loaded now, before any jitter; nil if there is none.
  public let next: Timestamp?
  /// Whether its trigger depends on time and has no fire left.
  public let isOver: Bool
  /// The events that it handles; nil for other jobs.
  package let events: EventPattern?
  public let tags: [String]
  package let policy: JobPolicy
  /// ``JobTrigger/identity``.
  package let triggerIdentity: String
  /// Likely mistakes in the trigger that are not errors.
  public let warnings: [String]

  /// The name of the time zone of a trigger that depends on wall time, as in `Europe/Berlin`; nil for others.
  public var timeZone: String? { triggerZone?.name }
}

/// The jobs and errors of scripts, which are loaded in the sandbox without running any job. `check` and `list` show it.
public struct Inspection: Sendable {
  public let jobs: [JobDescription]
  public let errors: [ScriptError]
  public let scripts: [String]
  /// What the scripts that load hold then, in their order.
  public let memory: [ScriptMemoryUse]
  /// Advice about a script's text, e.g. an option under its old name. Each message begins with its place.
  package let warnings: [(script: String, message: String)]
  /// What the scripts that load ask for, in their order.
  package let asked: [ScriptRequest]

  /// Loads all scripts of the configuration, one after the other, on the calling thread. Throws if a path is missing or
  /// has no script.
  ///
  /// - Parameters:
  ///   - configuration: the scripts, and the bounds of each.
  ///   - given: names of functions that the embedding program gives to its scripts, as in "shop.price".
  public init(_ configuration: Configuration, given: [String] = []) throws {
    var configuration = configuration
    configuration.workers = 1
    configuration.logEvents = nil
    configuration.selection.secrets.areNames = true
    let engine = try Engine(
      configuration, clock: SystemClock(),
      logger: Logger(label: "moonwheel.check") { _ in SwiftLogNoOpLogHandler() },
      logEvents: nil, store: MemoryJobStore(), seed: nil)
    let environment = engine.environment
    for name in given {
      let function = try HostFunction(
        name,
        calling: { _ in
          throw Refusal("\(name) is a function of the program that embeds Moonwheel")
        })
      environment.functions.add(function)
    }
    defer { environment.pool.stop() }
    var jobs: [JobDescription] = []
    var warnings: [(script: String, message: String)] = []
    var memory: [ScriptMemoryUse] = []
    var asked: [ScriptRequest] = []
    try configuration.checkAlarmScript()
    let alarm = configuration.alarmPlace
    let finding = try ScriptSearch.find(configuration.servedPaths)
    var errors = finding.failures + finding.scripts.compactMap(\.error)
    let sources =
      finding.scripts.filter { $0.error == nil }.map(\.source)
      + configuration.texts.map {
        ScriptSource(name: $0.name, path: nil, root: nil, text: Array($0.source.utf8))
      }
    scripts = errors.map(\.script) + sources.map(\.name)
    warnings += finding.misfits.map { ("", $0) }
    for source in sources {
      let script = environment.newScript(named: source.name)
      let isolate = ScriptIsolate(script, source, in: environment)
      switch isolate.loadAndWait() {
      case .success(let loaded):
        if let alarm, source.path ?? source.name == alarm,
          let warning = Alarms.warning(loaded.registrations)
        {
          warnings.append((source.name, "\(source.name): \(warning)"))
        }
        asked.append(
          ScriptRequest(
            source.name, source.text, loaded.asked,
            pings: loaded.registrations.contains { $0.policy.value.ping != nil },
            hasMore: !given.isEmpty))
        warnings += loaded.unknownNames.map { (source.name, $0) }
        memory += environment.memory.filter { $0.script == source.name }
        let now = environment.clock.read().wall
        for registration in loaded.registrations {
          do throws(RunFailure) {
            jobs.append(
              try JobDescription(registration, of: isolate, zone: environment.zone, now: now))
          } catch {
            errors.append(
              ScriptError(.load, script: source.name, error.message, traceback: error.traceback))
          }
        }
      case .failure(let error):
        errors += Self.mistakes(in: source, with: error, environment)
      }
      warnings += isolate.warnings.messages.map { (source.name, $0) }
    }
    self.jobs = jobs
    self.errors = errors
    self.warnings = warnings
    self.memory = memory
    self.asked = asked
  }

  /// All mistakes in a script that does not load. Loads it once more, this time without stopping at a bad registration.
  private static func mistakes(
    in source: ScriptSource, with first: ScriptError, _ environment: ScriptEnvironment
  ) -> [ScriptError] {
    let isolate = ScriptIsolate(environment.newScript(named: source.name), source, in: environment)
    isolate.mistakes = MistakeList(script: source.name)
    let result = isolate.loadAndWait()
    var all = isolate.mistakes?.errors ?? []
    guard !all.isEmpty else { return [first] }
    // The first error has a traceback.
    if let index = all.firstIndex(where: { $0.message == first.message }) { all[index] = first }
    if case .failure(let last) = result, !all.contains(where: { $0.message == last.message }) {
      all.append(last)
    }
    return all
  }
}

extension JobDescription {
  /// Throws if the job's trigger function fails.
  init(
    _ registration: Registration, of isolate: ScriptIsolate, zone: Zone, now: Timestamp
  ) throws(RunFailure) {
    script = isolate.name
    line = Int(registration.line)
    name = registration.name
    trigger = registration.trigger.text
    words = registration.trigger.words
    triggerIdentity = registration.trigger.identity
    tags = registration.policy.value.tags
    policy = registration.policy.value
    let isTimed = registration.trigger.isTimed
    events = if case .event(let pattern) = registration.trigger { pattern } else { nil }
    let time: Trigger? = if case .time(let time) = registration.trigger { time } else { nil }
    triggerZone = time?.zone
    self.zone = triggerZone ?? zone
    let first = try isolate.firstFire(of: registration, registered: now)
    next = !isTimed || policy.paused ? nil : policy.now ? now : first
    isOver = isTimed && first == nil && !policy.now && time != .reboot
    let looksWrong = isOver && registration.shouldFireAgain
    warnings = (time?.warnings ?? []) + (looksWrong ? [registration.neverFiresText] : [])
  }
}

extension ScriptIsolate {
  /// The first fire of a job. Calls its trigger function if it has one.
  fileprivate func firstFire(
    of registration: Registration, registered now: Timestamp
  ) throws(RunFailure) -> Timestamp? {
    let window = registration.policy.value.window
    switch registration.trigger {
    case .onDemand, .event: return nil
    case .time(let trigger): return window.firstFire(of: trigger, registered: now)
    case .custom(let callback):
      let request = NextFireRequest(
        generation: generation, job: .none, handle: registration.handle, callback: callback,
        after: window.requestBeforeStart(registered: now) ?? now, number: 0)
      let first = try evaluateAndWait(request).get()
      return first.flatMap { window.contains($0, after: 0, registered: now) ? $0 : nil }
    }
  }
}
