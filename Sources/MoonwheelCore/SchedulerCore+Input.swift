import TimerWheel
import Triggers

extension SchedulerCore {
  /// Takes one input. The time is the one last given to ``advance(to:into:)`` or here.
  public mutating func handle(
    _ input: Input, at reading: ClockReading, into effects: inout Effects
  ) {
    observe(reading, into: &effects)
    switch input {
    case .install(let installation): install(installation, into: &effects)
    case .unload(let script, let reason): unload(script, reason: reason, into: &effects)
    case .register(let script, let generation, let registration):
      register(registration, of: script, in: generation, into: &effects)
    case .finished(let report): finished(report, into: &effects)
    case .event(let event, let handlers): deliver(event, to: handlers, into: &effects)
    case .park(let park, let until):
      parks.insert(park, deadline: Tick(notBefore: until), into: &wheel)
    case .unpark(let park): parks.cancel(park, in: &wheel)
    case .command(let address, let command, let reply):
      let answer = perform(command, on: index(of: address), into: &effects)
      if let reply { effects.answers.append((reply, answer)) }
    case .named(let script, let name, let command, let request):
      let index = index(named: name, of: script)
      effects.namedAnswers.append((request, perform(command, on: index, into: &effects)))
    case .dropDynamic(let generation, let reason):
      dropDynamic(generation, reason: reason, into: &effects)
    case .pauseScript(let script, let isPaused): pause(script, isPaused, into: &effects)
    case .idle(let script, let reply):
      effects.answers.append((reply, .times(nextFire(of: script).map { [$0] } ?? [])))
    case .stored, .loaded: break
    case .drain:
      isDraining = true
      effects.isDrained = activeRuns == 0
    }
  }

  private mutating func finished(_ report: borrowing RunReport, into effects: inout Effects) {
    activeRuns -= 1
    if let index = index(of: report.job) {
      let place = Int(jobs[index].generation)
      let isCurrent = generations[place].id == report.generation
      conclude(report, index, into: &effects)
      release(isCurrent ? place : generationIndex[report.generation], into: &effects)
    } else {
      release(generationIndex[report.generation], into: &effects)
    }
    effects.isDrained = isDraining && activeRuns == 0
  }

  private mutating func conclude(
    _ report: borrowing RunReport, _ index: Int, into effects: inout Effects
  ) {
    jobs[index].running -= 1
    if jobs[index].hasFixedDelay, jobs[index].running == 0 { delayedJobs -= 1 }
    publish(
      report.outcome.event, index, run: report.run, failure: report.outcome.failure,
      depth: report.depth, into: &effects)
    if case .cancelledJob = report.outcome { cancel(index, into: &effects) }
    startWaiting(index, into: &effects)
    if jobs[index].hasFixedDelay { armAfterRun(index, endedAt: report.endedAt, into: &effects) }
    removeIfEnded(index, into: &effects)
  }

  /// Sets the next fire of a fixed delay, unless another run has begun or a fire is due anyhow.
  private mutating func armAfterRun(_ index: Int, endedAt: Int64, into effects: inout Effects) {
    guard jobs[index].running == 0, jobs[index].state == .active, jobs[index].timer == .none,
      !isDraining, !isPaused(jobs[index].script)
    else { return }
    let (due, overflow) = endedAt.addingReportingOverflow(jobs[index].period)
    arm(index, due: overflow ? nil : due, into: &effects)
  }

  private mutating func release(_ place: Int?, into effects: inout Effects) {
    guard let place else { return }
    generations[place].active -= 1
    closeIfUnused(place, into: &effects)
  }

  private mutating func deliver(
    _ event: Event, to handlers: [JobID], into effects: inout Effects
  ) {
    for handler in handlers {
      guard let index = index(of: handler), jobs[index].state == .active, !isDraining,
        !isPaused(jobs[index].script)
      else {
        effects.taken.append(handler)
        continue
      }
      request(.event(event, at: clock.wall), index, into: &effects)
    }
  }

  private mutating func perform(
    _ command: JobCommand, on index: Int?, into effects: inout Effects
  ) -> JobAnswer {
    guard let index else { return .refused("no such job", code: "gone") }
    switch command {
    case .pause: pause(index, into: &effects)
    case .reschedule, .next: return .refused("not there yet", code: "later")
    case .resume:
      resume(index, into: &effects)
      removeIfEnded(index, into: &effects)
    case .cancel(let run):
      if jobs[index].running > 0 {
        effects.cancels.append((jobs[index].script, id(of: index), except: run))
      }
      cancel(index, into: &effects)
      removeIfEnded(index, into: &effects)
    case .status: return .status(status(of: index))
    case .promise(let arguments, _):
      guard !isDraining else { return .refused("the host is stopping", code: "stopping") }
      guard (jobs[index].waiting?.count ?? 0) < Self.promiseLimit else {
        return .refused("queue full", code: "full")
      }
      let run = newRun()
      request(.promised(run, arguments: arguments, at: clock.wall), index, into: &effects)
      return .run(run)
    }
    return .done
  }

  private func nextFire(of script: ScriptID) -> Timestamp? {
    guard let record = scripts[script] else { return nil }
    return indices(of: record).compactMap { index in
      jobs[index].timer == .none ? nil : wall(jobs[index].due, of: index)
    }.min()
  }

  /// How many runs of one job can be promised and not begun.
  private static let promiseLimit = 10_000

  func status(of index: Int) -> JobStatus {
    let job = jobs[index]
    return JobStatus(
      state: scripts[job.script]?.isPaused == true && job.state == .active ? .paused : job.state,
      next: job.timer == .none ? nil : wall(job.due, of: index),
      lastStarted: job.lastStarted == .distantPast ? nil : job.lastStarted, runs: job.runs,
      running: Int(job.running), waiting: job.waiting?.count ?? 0)
  }
}
