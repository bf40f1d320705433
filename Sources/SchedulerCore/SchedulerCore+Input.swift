import MoonwheelModel
import TimerWheel
import Triggers

extension SchedulerCore {
  /// Handles the ends of runs.
  public mutating func handle(
    _ ends: RunEnds, at reading: ClockReading, into effects: inout Effects
  ) {
    observe(reading, into: &effects)
    finished(ends, into: &effects)
  }

  /// Handles one input. `reading` must not be earlier than the last one given here or to ``advance(to:into:)``.
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
    case .resourcesEnded(let job, let number):
      BusyJob.ends(job, number, in: &self, into: &effects)
    case .event(let event, let handlers): deliver(event, to: handlers, into: &effects)
    case .park(let park, let until):
      parks.insert(park, deadline: Tick(notBefore: until), into: &wheel)
    case .parks(let timed):
      for timed in timed {
        parks.insert(timed.park, deadline: Tick(notBefore: timed.until), into: &wheel)
      }
    case .unpark(let park): parks.cancel(park, in: &wheel)
    case .command(let address, let command, let reply):
      perform(
        command, on: index(of: address), reply.map { .park($0) } ?? .nobody, into: &effects)
    case .named(let script, let name, let command, let request):
      indexNames(of: script)
      let index = index(named: name, of: script)
      perform(command, on: index, .request(request), into: &effects)
    case .list(let script, let name, let request):
      let jobs = JobListing.jobs(of: script, named: name, in: &self)
      effects.namedAnswers.append((request, .jobs(jobs)))
    case .dropDynamic(let generation, let reason):
      dropDynamic(generation, reason: reason, into: &effects)
    case .pauseScript(let script, let isPaused, let reason, let depth, let reply):
      pause(script, isPaused, reason: reason, depth: depth, into: &effects)
      if let reply { effects.answers.append((reply, .done)) }
    case .nextFireAnswered(let answer): nextFireAnswered(answer, into: &effects)
    case .idle(let script, let reply):
      effects.answers.append(
        (reply, .times(NextFires.first(of: script, in: self).map { [$0] } ?? [])))
    case .stored(let tickets, let failure): stored(tickets, failure, into: &effects)
    case .loaded(let failed): finishLoading(without: failed, into: &effects)
    case .stuck(let run): stuck(run, into: &effects)
    case .denied(let denial): Denials.publish(denial, in: self, into: &effects)
    case .pingFailed(let failure): Pings.publish(failure, in: self, into: &effects)
    case .unstuck(let generation, let run): unstuck(generation, run)
    case .interest(let kinds, let listens): (interest, listensToRuns) = (kinds, listens)
    case .leasesClosed(let leases):
      for lease in leases {
        if let index = index(of: lease.job) { endLease(index, begun: lease.begun) }
      }
    case .drain: Drain.begin(&self, into: &effects)
    }
  }

  private mutating func deliver(
    _ event: Event, to handlers: [JobID], into effects: inout Effects
  ) {
    let item = WaitingRuns.Item.event(event, at: clock.wall)
    for handler in handlers {
      if let index = index(of: handler), jobs[index].state == .active,
        !isPaused(jobs[index].script)
      {
        gather(item, index, into: &effects)
      } else {
        effects.dequeued.append(handler)
      }
    }
  }

  private mutating func perform(
    _ command: JobCommand, on index: JobIndex?, _ reply: StoreState.Reply,
    into effects: inout Effects
  ) {
    guard let index else {
      answer(reply, .refused("no such job", code: "gone"), into: &effects)
      return
    }
    switch command {
    case .pause(let reason):
      pause(index, reason: reason, into: &effects)
      answerWhenStored(index, reply, into: &effects)
    case .resume:
      resume(index, into: &effects)
      answerWhenStored(index, reply, into: &effects)
      removeIfEnded(index, into: &effects)
    case .cancel(let run, let reason):
      if jobs[index].running > 0 {
        effects.cancels.append(
          Cancellation(script: jobs[index].script, job: id(of: index), except: run))
      }
      cancel(index, reason: reason ?? JobHold.cancelledByCall, into: &effects)
      answerWhenStored(index, reply, into: &effects)
      removeIfEnded(index, into: &effects)
    case .cancelRun(let cancellation):
      RunCancellation.cancel(cancellation.content, of: index, in: &self, into: &effects)
      answer(reply, .done, into: &effects)
    case .setTrigger(let new):
      if !new.content.hold.isNone { makeExtras(of: index).triggerHold = new.content.hold }
      reschedule(index, new.content.trigger, into: &effects)
      answer(reply, .done, into: &effects)
    case .next(let count):
      answer(reply, .times(NextFires.of(index, count, in: self)), into: &effects)
    case .status:
      flushSummary(index, into: &effects)
      answer(reply, .status(status(of: index)), into: &effects)
    case .addPendingRun(let new): enqueue(new.content, index, reply, into: &effects)
    }
  }

  func status(of index: JobIndex) -> JobStatus {
    let job = jobs[index]
    return JobStatus(
      state: scripts[job.script]?.isPaused == true && job.state == .active ? .paused : job.state,
      next: job.timer == .none ? nil : wall(job.due, of: index),
      lastStarted: job.lastStarted == .distantPast ? nil : job.lastStarted, runs: job.runs,
      running: Int(job.running) - BusyJob.count(index, in: self), waiting: waitingCount(index),
      reason: reason(of: index) ?? BusyJob.reason(index, in: self),
      key: job.key)
  }
}
