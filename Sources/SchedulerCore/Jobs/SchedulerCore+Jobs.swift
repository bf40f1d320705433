import MoonwheelModel
import TimerWheel
import Triggers

extension SchedulerCore {
  func id(of index: JobIndex) -> JobID {
    JobID(index: UInt32(index.rawValue), reuse: jobs[index].reuse)
  }

  func index(of id: JobID) -> JobIndex? {
    let index = JobIndex(Int(id.index))
    return index.rawValue < jobs.count && jobs[index].reuse == id.reuse ? index : nil
  }

  func index(of address: JobAddress) -> JobIndex? {
    guard let generation = generationIndices[address.generation] else { return nil }
    let handle = Int(address.handle.index)
    guard handle < generations[generation].handles.count,
      let entry = generations[generation].handles[handle], entry.reuse == address.handle.reuse
    else { return nil }
    return index(of: entry.job)
  }

  func index(named name: String, of script: ScriptID) -> JobIndex? {
    guard let names = scripts[script]?.jobs else { return nil }
    return index(named: name, in: names, of: script)
  }

  func index(named name: String, in names: NameIndex, of script: ScriptID) -> JobIndex? {
    names.find(hash: NameIndex.hash(name)) {
      jobs[JobIndex($0)].name == name && jobs[JobIndex($0)].script == script
    }.map { JobIndex($0) }
  }

  /// Prepares lookups of the script's jobs by name.
  mutating func indexNames(of script: ScriptID) {
    guard var names = scripts[script]?.jobs, names.hasPending else { return }
    scripts[script]?.jobs = NameIndex()  // avoids a copy of the table
    indexPending(&names)
    scripts[script]?.jobs = names
  }

  func indexPending(_ names: inout NameIndex) {
    names.indexPending { NameIndex.hash(jobs[JobIndex($0)].name) }
  }

  /// Adds a job that the script did not have, and starts its schedule.
  mutating func add(
    _ registration: Registration, of script: ScriptID, in generation: GenerationIndex,
    into effects: inout Effects
  ) -> JobID {
    let index: JobIndex
    if let free = freeJobs.popLast() {
      index = free
      jobs[index] = JobRecord(registration, of: script, in: generation, reuse: jobs[index].reuse)
    } else {
      index = JobIndex(jobs.count)
      jobs.append(JobRecord(registration, of: script, in: generation, reuse: 0))
    }
    updateHasPriorities(of: index)
    publish(.jobAdded, index, into: &effects)
    if let known = enroll(index, isNamed: registration.isNamed, into: &effects) {
      restore(index, known, into: &effects)
    } else {
      begin(index, into: &effects)
      writeRow(index, into: &effects)
    }
    return id(of: index)
  }

  func subscribe(_ index: JobIndex, _ pattern: EventPattern, into effects: inout Effects) {
    let limit = jobs[index].policy.value.backlog
    effects.subscriptions.append(
      .subscribe(id(of: index), jobs[index].script, pattern, queue: limit))
  }

  /// Ends the subscription of a handler. Call it before the job's state or trigger changes.
  func unsubscribe(_ index: JobIndex, into effects: inout Effects) {
    guard case .event = jobs[index].trigger, jobs[index].state == .active else { return }
    effects.subscriptions.append(.unsubscribe(id(of: index)))
  }

  /// Removes a job. Its runs under way continue. Its pending runs are kept for a later job of that name.
  mutating func remove(_ index: JobIndex, reason: String, into effects: inout Effects) {
    publish(.jobRemoved, index, reason: reason, into: &effects)
    flushSummary(index, into: &effects)
    disarm(index)
    unsubscribe(index, into: &effects)
    dropWaiting(index, reason: "the job was removed", into: &effects)
    let pendingRuns = jobs[index].waiting
    orphan(index, into: &effects)
    forgetWaiting(index)
    let running = jobs[index].running - Int32(BusyJob.count(index, in: self))
    if running > 0 {
      removedJobs[id(of: index)] = RemovedJob(
        script: jobs[index].script, name: jobs[index].name,
        isHostHandler: jobs[index].schedule.isHostHandler, running: running)
    }
    if jobs[index].isDelayed { delayedJobs -= 1 }
    let script = jobs[index].script
    let name = jobs[index].name
    indexNames(of: script)
    scripts[script]?.jobs.remove(index.rawValue, hash: NameIndex.hash(name))
    if jobs[index].isDynamic {
      let generation = jobs[index].generation
      generations[generation].handles[Int(jobs[index].handle.index)] = nil
      effects.releases.append(
        (generations[generation].id, jobs[index].handle, jobs[index].callback))
    }
    jobs[index].clear()
    sums.clear(index)
    freeJobs.append(index)
    if let pendingRuns { keep(pendingRuns, for: name, of: script, into: &effects) }
  }

  /// Gives pending runs to the job of that name, or keeps them until there is one.
  private mutating func keep(
    _ pendingRuns: WaitingRuns, for name: String, of script: ScriptID,
    into effects: inout Effects
  ) {
    if let index = index(named: name, of: script) {
      give(pendingRuns, to: index, into: &effects)
    } else {
      scripts[script]?.orphans[name] = pendingRuns
    }
  }

  /// Gives a job the pending runs of a removed job of its name.
  mutating func give(_ pendingRuns: WaitingRuns, to index: JobIndex, into effects: inout Effects) {
    guard jobs[index].state != .cancelled else {
      let runs = pendingRuns.removeAll(where: \.isPending).compactMap(\.pending?.content)
      end(runs, of: index, into: &effects)
      return
    }
    while let item = pendingRuns.removeFirst() {
      jobs[index].pendingCount += 1
      request(item, index, into: &effects)
    }
  }

  /// Removes a job that a callback registered, if it will not run again.
  mutating func removeIfEnded(_ index: JobIndex, into effects: inout Effects) {
    guard jobs[index].isDynamic, jobs[index].running == 0, jobs[index].waiting == nil else {
      return
    }
    switch jobs[index].state {
    case .active, .paused: break
    case .finished: remove(index, reason: "it has ended", into: &effects)
    case .cancelled: remove(index, reason: "it was cancelled", into: &effects)
    }
  }

  /// Gives a job another trigger. The job starts over.
  mutating func reschedule(_ index: JobIndex, _ trigger: JobTrigger, into effects: inout Effects) {
    disarm(index)
    unsubscribe(index, into: &effects)
    dropWaiting(index, reason: "its trigger was changed", into: &effects)
    jobs[index].read(trigger)
    jobs[index].fires = 0
    publish(.jobChanged, index, into: &effects)
    begin(index, into: &effects)
    writeRow(index, into: &effects)
  }

  /// The indices of a script's jobs, sorted, so that the order does not depend on hashing.
  func indices(of record: ScriptRecord) -> [JobIndex] {
    record.jobs.numbers.sorted().map { JobIndex($0) }
  }
}
