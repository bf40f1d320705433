import TimerWheel
import Triggers

extension SchedulerCore {
  func id(of index: Int) -> JobID { JobID(index: UInt32(index), reuse: jobs[index].reuse) }

  func index(of id: JobID) -> Int? {
    let index = Int(id.index)
    return index < jobs.count && jobs[index].reuse == id.reuse ? index : nil
  }

  func index(of address: JobAddress) -> Int? {
    guard let place = generationIndex[address.generation],
      let places = generations[place]?.places,
      Int(address.handle.ordinal) < places.count,
      let entry = places[Int(address.handle.ordinal)], entry.reuse == address.handle.reuse
    else { return nil }
    return index(of: entry.job)
  }

  func index(named name: String, of script: ScriptID) -> Int? {
    guard let id = scripts[script]?.jobs[name] else { return nil }
    return index(of: id)
  }

  /// Adds a job that the script did not have, and arms it.
  mutating func add(
    _ registration: Registration, of script: ScriptID, in place: Int, into effects: inout Effects
  ) -> JobID {
    let index: Int
    let record = JobRecord(
      reuse: 0, script: script, generation: place, handle: registration.handle,
      callback: registration.callback, name: registration.name, trigger: registration.trigger,
      policy: registration.policy, isDynamic: registration.isDynamic, state: .active, anchor: 0,
      due: 0, timer: .none, runs: 0, running: 0, lastStarted: .distantPast, waiting: nil)
    if let free = freeJobs.popLast() {
      index = Int(free)
      let reuse = jobs[index].reuse
      jobs[index] = record
      jobs[index].reuse = reuse
    } else {
      index = jobs.count
      jobs.append(record)
    }
    publish(.jobAdded, index, into: &effects)
    begin(index, into: &effects)
    return id(of: index)
  }

  /// First fires of a job that is new, or whose trigger is.
  mutating func begin(_ index: Int, into effects: inout Effects) {
    let policy = jobs[index].policy.value
    jobs[index].anchor = now(of: index)
    jobs[index].state = policy.paused ? .paused : .active
    switch jobs[index].trigger {
    case .onDemand: break
    case .event(let pattern):
      if !policy.paused { subscribe(index, pattern, into: &effects) }
    case .time:
      guard !policy.paused, !isPaused(jobs[index].script) else { break }
      armFirst(index, into: &effects)
      if policy.now, !isDraining {
        request(.fire(clock.wall), index, into: &effects)
      }
    }
  }

  private mutating func armFirst(_ index: Int, into effects: inout Effects) {
    let first = instant(after: jobs[index].anchor, of: index)
    if first == nil, jobs[index].isOnWallTime {
      publish(
        .runMissed, index, scheduledAt: clock.wall,
        reason: "its time was past when it was first registered", into: &effects)
    }
    arm(index, due: first, into: &effects)
  }

  func isPaused(_ script: ScriptID) -> Bool { scripts[script]?.isPaused ?? false }

  func subscribe(_ index: Int, _ pattern: EventPattern, into effects: inout Effects) {
    effects.subscriptions.append(
      .subscribe(
        id(of: index), jobs[index].script, pattern, queue: jobs[index].policy.value.queue))
  }

  /// Takes a job out; runs under way end by themselves, promised ones are kept for a job of that name.
  mutating func remove(_ index: Int, reason: String, into effects: inout Effects) {
    publish(.jobRemoved, index, reason: reason, into: &effects)
    disarm(index)
    if jobs[index].policy.value.fixedDelay { fixedDelayRuns -= Int(jobs[index].running) }
    let address = address(of: index)
    if case .event = jobs[index].trigger {
      effects.subscriptions.append(.unsubscribe(id(of: index)))
    }
    if let waiting = jobs[index].waiting {
      waitingJobs -= waiting.isEmpty ? 0 : 1
      dropUnpromised(waiting, index, reason: "the job was removed", into: &effects)
      if !waiting.isEmpty { scripts[jobs[index].script]?.orphans[jobs[index].name] = waiting }
    }
    let script = jobs[index].script
    if scripts[script]?.jobs[jobs[index].name] == id(of: index) {
      scripts[script]?.jobs[jobs[index].name] = nil
    }
    if jobs[index].isDynamic {
      generations[jobs[index].generation]?.places[Int(jobs[index].handle.ordinal)] = nil
      effects.releases.append((address.generation, jobs[index].handle, jobs[index].callback))
    }
    jobs[index].reuse &+= 1
    jobs[index].waiting = nil
    jobs[index].name = ""
    jobs[index].trigger = .onDemand
    freeJobs.append(UInt32(index))
  }

  mutating func dropUnpromised(
    _ waiting: WaitingRuns, _ index: Int, reason: String, into effects: inout Effects
  ) {
    for item in waiting.removeAll(where: { !$0.isPromised }) {
      skip(item, index, reason: reason, into: &effects)
    }
  }

  mutating func pause(_ index: Int, into effects: inout Effects) {
    guard jobs[index].state == .active else { return }
    jobs[index].state = .paused
    disarm(index)
    if case .event = jobs[index].trigger {
      effects.subscriptions.append(.unsubscribe(id(of: index)))
    }
    publish(.jobPaused, index, into: &effects)
  }

  mutating func resume(_ index: Int, into effects: inout Effects) {
    guard jobs[index].state == .paused || jobs[index].state == .cancelled else { return }
    jobs[index].state = .active
    publish(.jobResumed, index, into: &effects)
    if case .event(let pattern) = jobs[index].trigger { subscribe(index, pattern, into: &effects) }
    if !isPaused(jobs[index].script) { rearm(index, into: &effects) }
    startWaiting(index, into: &effects)
  }

  /// Arms the first fire after now that keeps the job's phase.
  mutating func rearm(_ index: Int, into effects: inout Effects) {
    guard case .time(let trigger) = jobs[index].trigger else { return }
    let now = now(of: index)
    let anchor = jobs[index].anchor
    switch trigger {
    case .every(let period, _):
      let passed = max(0, now - anchor) / period
      arm(index, due: anchor + (passed + 1) * period, into: &effects)
    default:
      arm(index, due: instant(after: now, of: index), into: &effects)
    }
  }

  mutating func cancel(_ index: Int, into effects: inout Effects) {
    guard jobs[index].state != .cancelled else { return }
    if case .event = jobs[index].trigger, jobs[index].state == .active {
      effects.subscriptions.append(.unsubscribe(id(of: index)))
    }
    jobs[index].state = .cancelled
    disarm(index)
    if let waiting = jobs[index].waiting {
      dropUnpromised(waiting, index, reason: "the job was cancelled", into: &effects)
      if waiting.isEmpty {
        waitingJobs -= 1
        jobs[index].waiting = nil
      }
    }
    publish(.jobFinished, index, reason: "cancelled", into: &effects)
    if jobs[index].isDynamic, jobs[index].running == 0, jobs[index].waiting == nil {
      remove(index, reason: "it was cancelled", into: &effects)
    }
  }

  mutating func pause(_ script: ScriptID, _ isPaused: Bool, into effects: inout Effects) {
    guard let record = scripts[script], record.isPaused != isPaused else { return }
    scripts[script]?.isPaused = isPaused
    for name in record.jobs.keys.sorted() {
      guard let id = record.jobs[name], let index = index(of: id), jobs[index].state == .active,
        case .time = jobs[index].trigger
      else { continue }
      if isPaused { disarm(index) } else { rearm(index, into: &effects) }
    }
  }
}
