import Logging
import MoonwheelModel
import SchedulerCore
import ScriptHost
import Triggers

extension ScriptEnvironment {
  /// Logs the state of jobs and runs.
  package func logState(_ summary: CoreSummary) {
    let states = [JobStatus.State.active, .paused, .cancelled, .finished].compactMap { state in
      summary.jobs[state].map { "\($0) \(state.rawValue)" }
    }
    let jobs = states.isEmpty ? "no jobs" : "jobs: " + states.joined(separator: ", ")
    log.logger.info(
      "\(summary.scripts) \(summary.scripts == 1 ? "script" : "scripts"); \(jobs); runs: \(summary.running) under way, \(summary.waiting) wait for their turn, \(summary.delayed) are not due yet, \(summary.dead) dead; handlers with a full backlog refused \(bus.refusedCount) events",
      metadata: ["event": "scheduler.state"])
    for use in memory {
      log.logger.info(
        "memory: \(use.description)",
        metadata: ["script": .string(use.script), "event": "scheduler.state"])
    }
  }

  /// Logs and publishes that the wall clock was set.
  package func clockStepped(_ step: ClockStep) {
    let direction = step.by > 0 ? "forward" : "back"
    // A smaller difference is the time between the reads of the two clocks.
    let milliseconds = (step.by.magnitude + 500_000) / 1_000_000
    let length = DurationText.format(Int64(milliseconds) * 1_000_000)
    let payload: Value = ["by": .number(Double(step.by) / 1e9)]
    log.logger.warning(
      step.wasDown
        ? "the store is ahead of the clock by \(length): the clock was set back while no host ran, or was wrong before; nothing later than now counts as handled"
        : "the wall clock was set \(direction) by \(length)",
      metadata: ["event": "scheduler.clock_stepped", "payload": payload.metadata])
    bus.publish(Event(name: "scheduler.clock_stepped", payload: payload))
    sweepKeys()
  }

  /// Logs what the store keeps of a script that is gone, or what another one has taken over.
  package func tell(_ kept: KeptJobs) {
    let jobs = kept.jobs == 1 ? "its job" : "its \(kept.jobs) jobs"
    var parts: [String] = []
    if kept.promises > 0 {
      parts.append(kept.promises == 1 ? "a promised run" : "\(kept.promises) promised runs")
    }
    if kept.states > 0 { parts.append("run.state of \(kept.states)") }
    if kept.held > 0 { parts.append("pauses or cancels of \(kept.held)") }
    let content = "\(jobs), with \(parts.joined(separator: ", "))"
    if let heir = kept.heir {
      log.logger.info(
        "took over from \(kept.script), its former name: \(content)",
        metadata: ["script": .string(heir), "event": "script.kept"])
      return
    }
    log.logger.log(
      level: kept.promises > 0 ? .warning : .info,
      "the script is gone, and the store keeps \(content), which wait for it. If it was renamed, the new script takes that over with defaults { formerly = \"\(kept.script)\" } at its top",
      metadata: ["script": .string(kept.script), "event": "script.kept"])
  }

  /// Publishes an event to scripts and embedders, and logs it if the configuration asks for it.
  package func publish(_ event: HostEvent) {
    let script = name(of: event.script)
    log.host(event, script: script, zone: zone)
    guard bus.hasAudience(for: event.kind) else { return }
    let isChained = Int(event.depth) < configuration.eventDepth
    let published = Event(
      name: event.kind.name, payload: secrets.masked(event.payload(script: script)),
      depth: event.depth == .max ? .max : event.depth + 1, hold: event.failure?.hold ?? .none)
    bus.publish(published, toScripts: !event.isAboutHostHandler && isChained)
  }
}
