import MoonwheelModel
import TimerWheel
import Triggers

extension SchedulerCore {
  func id(of index: Int) -> JobID { JobID(index: UInt32(index), reuse: jobs[index].reuse) }

  func index(of id: JobID) -> Int? {
    let index = Int(id.index)
    return index < jobs.count && jobs[index].reuse == id.reuse ? index : nil
  }

  func index(of address: JobAddress) -> Int? {
    guard let place = generationIndex[address.generation] else { return nil }
    let ordinal = Int(address.handle.ordinal)
    guard ordinal < generations[place].places.count,
      let entry = generations[place].places[ordinal], entry.reuse == address.handle.reuse
    else { return nil }
    return index(of: entry.job)
  }

  func index(named name: String, of script: ScriptID) -> Int? {
    guard let places = scripts[script]?.jobs else { return nil }
    return index(named: name, in: places, of: script)
  }

  func index(named name: String, in places: NameIndex, of script: ScriptID) -> Int? {
    places.find(hash: NameIndex.hash(name)) {
      jobs[$0].name == name && jobs[$0].script == script
    }
  }

  /// To be called before jobs of a script are looked for by their names.
  mutating func settleNames(of script: ScriptID) {
    guard var index = scripts[script]?.jobs, index.isUnsettled else { return }
    scripts[script]?.jobs = NameIndex()  // so that it is not copied
    settle(&index)
    scripts[script]?.jobs = index
  }

  func settle(_ index: inout NameIndex) { index.settle { NameIndex.hash(jobs[$0].name) } }

  /// Adds a job that the script did not have, and arms it.
  mutating func add(
    _ registration: Registration, of script: ScriptID, in place: Int, into effects: inout Effects
  ) -> JobID {
    let index: Int
    if let free = freeJobs.popLast() {
      index = Int(free)
      jobs[index] = JobRecord(registration, of: script, in: place, reuse: jobs[index].reuse)
    } else {
      index = jobs.count
      jobs.append(JobRecord(registration, of: script, in: place, reuse: 0))
    }
    notePriority(of: index)
    publish(.jobAdded, index, into: &effects)
    if let known = enroll(index, isNamed: registration.isNamed, into: &effects) {
      restore(index, known, into: &effects)
    } else {
      begin(index, into: &effects)
      writeRow(index, into: &effects)
    }
    return id(of: index)
  }

  mutating func notePriority(of index: Int) {
    if jobs[index].priority != 0 { hasPriorities = true }
  }

  func isPaused(_ script: ScriptID) -> Bool { scripts[script]?.isPaused ?? false }

  func subscribe(_ index: Int, _ pattern: EventPattern, into effects: inout Effects) {
    let limit = jobs[index].policy.value.backlog
    effects.subscriptions.append(
      .subscribe(id(of: index), jobs[index].script, pattern, queue: limit))
  }

  /// To be called while the job still is what it was.
  func unsubscribe(_ index: Int, into effects: inout Effects) {
    guard case .event = jobs[index].trigger, jobs[index].state == .active else { return }
    effects.subscriptions.append(.unsubscribe(id(of: index)))
  }

  /// Takes a job out; runs under way end by themselves, promised ones are kept for a job of that name.
  mutating func remove(_ index: Int, reason: String, into effects: inout Effects) {
    publish(.jobRemoved, index, reason: reason, into: &effects)
    flushSummary(index, into: &effects)
    disarm(index)
    unsubscribe(index, into: &effects)
    dropWaiting(index, reason: "the job was removed", into: &effects)
    let promised = jobs[index].waiting
    orphan(index, into: &effects)
    forgetWaiting(index)
    if jobs[index].running > 0 {
      removedJobs[id(of: index)] = RemovedJob(
        script: jobs[index].script, name: jobs[index].name,
        isHostHandler: jobs[index].isHostHandler, running: jobs[index].running)
    }
    if jobs[index].isDelayed { delayedJobs -= 1 }
    let script = jobs[index].script
    let name = jobs[index].name
    settleNames(of: script)
    scripts[script]?.jobs.remove(index, hash: NameIndex.hash(name))
    if jobs[index].isDynamic {
      let place = Int(jobs[index].generation)
      generations[place].places[Int(jobs[index].handle.ordinal)] = nil
      effects.releases.append(
        (generations[place].id, jobs[index].handle, jobs[index].callback))
    }
    jobs[index].clear()
    sums.clear(index)
    freeJobs.append(UInt32(index))
    if let promised { keep(promised, for: name, of: script, into: &effects) }
  }

  /// Gives promised runs to the job of that name, or keeps them until there is one.
  private mutating func keep(
    _ promised: WaitingRuns, for name: String, of script: ScriptID, into effects: inout Effects
  ) {
    guard let index = index(named: name, of: script) else {
      scripts[script]?.orphans[name] = promised
      return
    }
    while let item = promised.removeFirst() {
      jobs[index].pendingCount += 1
      _ = request(item, index, into: &effects)
    }
  }

  /// Takes out a job of a callback that will not run again.
  mutating func removeIfEnded(_ index: Int, into effects: inout Effects) {
    guard jobs[index].isDynamic, jobs[index].running == 0, jobs[index].waiting == nil else {
      return
    }
    switch jobs[index].state {
    case .active, .paused: break
    case .finished: remove(index, reason: "it has ended", into: &effects)
    case .cancelled: remove(index, reason: "it was cancelled", into: &effects)
    }
  }

  static let pausedOption = "by its option paused"

  mutating func pause(_ index: Int, reason: String?, into effects: inout Effects) {
    guard jobs[index].state == .active else { return }
    unsubscribe(index, into: &effects)
    revokeLeases(index)
    jobs[index].state = .paused
    if let reason { makeExtras(of: index).reason = reason }
    disarm(index)
    writeStatus(index, into: &effects)
    publish(.jobPaused, index, reason: reason, into: &effects)
  }

  mutating func resume(_ index: Int, into effects: inout Effects) {
    let before = jobs[index].state
    guard before == .paused || before == .cancelled else { return }
    jobs[index].state = .active
    let reason = jobs[index].extras?.reason
    jobs[index].extras?.reason = nil
    publish(.jobResumed, index, into: &effects)
    if case .event(let pattern) = jobs[index].trigger { subscribe(index, pattern, into: &effects) }
    startWaiting(index, into: &effects)
    if !isPaused(jobs[index].script) {
      rearm(index, pause: before == .paused ? reason ?? "" : nil, into: &effects)
    }
    writeResumed(index, into: &effects)
  }

  /// Arms the first fire after now that keeps the job's phase. What fell into a pause, given with its reason, is missed.
  mutating func rearm(_ index: Int, pause: String?, into effects: inout Effects) {
    guard jobs[index].isTimed, !jobs[index].isDelayed else { return }
    settleInstants(of: index)
    if let pause, jobs[index].isHeld, jobs[index].due <= now(of: index) {
      let cause = pause.isEmpty ? "it was paused" : "it was paused: \(pause)"
      guard jobs[index].hasFixedDelay else {
        catchUp(index, from: jobs[index].due, cause: cause, into: &effects)
        return
      }
      // Its period begins anew with each run: one fire alone can have been missed.
      guard catchup(of: index) == .none else {
        arm(index, due: now(of: index), into: &effects)
        return
      }
      decide(.missed, index, at: wall(jobs[index].due, of: index), reason: cause, into: &effects)
    }
    arm(index, due: firstInWindow(index), into: &effects)
  }

  /// Gives a job another trigger, with which it begins anew.
  mutating func reschedule(_ index: Int, _ trigger: JobTrigger, into effects: inout Effects) {
    disarm(index)
    unsubscribe(index, into: &effects)
    dropWaiting(index, reason: "its trigger was changed", into: &effects)
    jobs[index].read(trigger)
    jobs[index].fires = 0
    publish(.jobChanged, index, into: &effects)
    begin(index, into: &effects)
    writeRow(index, into: &effects)
  }

  mutating func cancel(_ index: Int, into effects: inout Effects) {
    guard jobs[index].state != .cancelled else { return }
    unsubscribe(index, into: &effects)
    jobs[index].state = .cancelled
    disarm(index)
    jobs[index].isHeld = false
    writeStatus(index, into: &effects)
    dropWaiting(index, reason: "the job was cancelled", into: &effects)
    publish(.jobFinished, index, reason: "cancelled", into: &effects)
  }

  /// `depth` is how many events led to it.
  mutating func pause(
    _ script: ScriptID, _ isPaused: Bool, reason: String, depth: UInt8, into effects: inout Effects
  ) {
    guard let record = scripts[script], record.isPaused != isPaused else { return }
    scripts[script]?.isPaused = isPaused
    publish(
      isPaused ? .schedulerPaused : .schedulerResumed, of: script, reason: reason, depth: depth,
      into: &effects)
    for index in indices(of: record) where jobs[index].state == .active && jobs[index].isTimed {
      if isPaused {
        disarm(index)
        writeStatus(index, into: &effects)
      } else {
        rearm(index, pause: "with its script", into: &effects)
        if jobs[index].state == .active { writeResumed(index, into: &effects) }
        removeIfEnded(index, into: &effects)
      }
    }
  }

  /// The jobs of a script in the order of their places, which does not depend on hashing.
  func indices(of record: ScriptRecord) -> [Int] {
    record.jobs.numbers.sorted()
  }
}
