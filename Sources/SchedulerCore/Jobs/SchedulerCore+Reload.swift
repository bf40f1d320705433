import MoonwheelModel
import TimerWheel
import Triggers

extension SchedulerCore {
  /// Replaces the generation of a script between two fires. The core matches jobs by name. A job with an unchanged
  /// trigger keeps its phase, next fire, counts, pause and waiting runs. A job with a changed trigger starts over.
  mutating func install(_ installation: Installation, into effects: inout Effects) {
    let script = installation.script
    var record =
      scripts[script]
      ?? ScriptRecord(
        id: script, generation: nil, name: installation.name, jobs: NameIndex(), isPaused: false,
        orphans: [:])
    let previous = record.generation
    var old = record.jobs
    indexPending(&old)
    let generation = newGeneration(installation)
    record.generation = generation
    jobs.reserve(max(0, installation.registrations.count - old.count))
    record.jobs = NameIndex()
    scripts[script] = record
    TakeOver(script: script, name: installation.name, jobs: old)
      .perform(from: installation.formerly, on: &self, into: &effects)
    // The restore of a stored job may add orphans.
    let hasOrphans = scripts[script]?.orphans.isEmpty == false || store.hasKnown
    var names = NameIndex()
    for registration in installation.registrations {
      let id: JobID
      if old.count > 0, let index = index(named: registration.name, in: old, of: script),
        !jobs[index].isDynamic
      {
        adopt(index, registration, in: generation, into: &effects)
        id = self.id(of: index)
      } else {
        id = add(registration, of: script, in: generation, into: &effects)
      }
      names.append(Int(id.index))
      enter(id, registration, in: generation)
      if hasOrphans { adoptOrphans(id, registration, of: script, into: &effects) }
    }
    scripts[script]?.jobs = names
    let removed = old.numbers.map { JobIndex($0) }.filter {
      jobs[$0].script == script && jobs[$0].generation != generation
    }
    for index in removed.sorted() {
      let reason = jobs[index].isDynamic ? "its generation ended" : "the script no longer has it"
      remove(index, reason: reason, into: &effects)
    }
    retire(previous, into: &effects)
    effects.events += jobs.held(names.numbers.map { JobIndex($0) })
  }

  private mutating func newGeneration(_ installation: Installation) -> GenerationIndex {
    let record = GenerationRecord(
      id: installation.generation, script: installation.script, active: 0,
      version: installation.version, isRetired: false, isOpen: true,
      handles: ContiguousArray(repeating: nil, count: installation.registrations.count))
    let index = freeGenerations.popLast() ?? GenerationIndex(generations.count)
    if index.rawValue == generations.count {
      generations.append(record)
    } else {
      generations[index] = record
    }
    generationIndices[installation.generation] = index
    return index
  }

  /// Adds a job under its handle.
  private mutating func enter(
    _ id: JobID, _ registration: Registration, in generation: GenerationIndex
  ) {
    let handle = Int(registration.handle.index)
    let missing = handle + 1 - generations[generation].handles.count
    if missing > 0 {
      generations[generation].handles.append(contentsOf: repeatElement(nil, count: missing))
    }
    generations[generation].handles[handle] = .init(job: id, reuse: registration.handle.reuse)
  }

  private mutating func adoptOrphans(
    _ id: JobID, _ registration: Registration, of script: ScriptID, into effects: inout Effects
  ) {
    guard scripts[script]?.orphans.isEmpty == false,
      let orphan = scripts[script]?.orphans.removeValue(forKey: registration.name),
      let index = index(of: id)
    else { return }
    give(orphan, to: index, into: &effects)
  }

  /// Moves an existing job to the new generation.
  private mutating func adopt(
    _ index: JobIndex, _ registration: Registration, in generation: GenerationIndex,
    into effects: inout Effects
  ) {
    let before = jobs[index].policy
    let wasDelayed = jobs[index].isDelayed
    let isSame = jobs[index].trigger.continues(as: registration.trigger)
    if !isSame {
      disarm(index)
      unsubscribe(index, into: &effects)
      dropWaiting(index, reason: "its trigger was changed", into: &effects)
      jobs[index].extras?.reason = nil
    }
    jobs[index].adopt(registration, in: generation, keepingTrigger: isSame)
    updateHasPriorities(of: index)
    if wasDelayed != jobs[index].isDelayed { delayedJobs += wasDelayed ? -1 : 1 }
    if isSame {
      applyPolicyChange(index, from: before, into: &effects)
      requestAgain(index, into: &effects)
    } else {
      publish(.jobChanged, index, into: &effects)
      begin(index, into: &effects)
      writeRow(index, into: &effects)
    }
    startWaiting(index, into: &effects)
  }

  /// Applies a new policy to a job with an unchanged trigger.
  private mutating func applyPolicyChange(
    _ index: JobIndex, from before: SharedPolicy, into effects: inout Effects
  ) {
    if case .event(let pattern) = jobs[index].trigger, jobs[index].state == .active {
      subscribe(index, pattern, into: &effects)
      if !jobs[index].schedule.gathersEvents { disarm(index) }
    }
    let policy = jobs[index].policy
    guard policy !== before, policy.value != before.value else { return }
    publish(.jobChanged, index, into: &effects)
    if before.value.paused != policy.value.paused {
      if policy.value.paused {
        pause(index, reason: JobHold.pausedOption, into: &effects)
      } else if jobs[index].state == .paused {
        resume(index, into: &effects)
      }
    }
    let delays = before.value.fixedDelay != policy.value.fixedDelay
    if delays || before.value.window.identity != policy.value.window.identity {
      retime(index, delays: delays, into: &effects)
    } else if before.value.window.jitter != policy.value.window.jitter {
      applyJitterChange(index)
    }
    writeRow(index, into: &effects)
  }

  /// A callback registered a job. If a newer generation has replaced the callback's, the core releases the job at once.
  mutating func register(
    _ registration: Registration, of script: ScriptID, in generation: GenerationID,
    into effects: inout Effects
  ) {
    guard let current = generationIndices[generation], !generations[current].isRetired else {
      effects.releases.append((generation, registration.handle, registration.callback))
      return
    }
    let id = add(registration, of: script, in: current, into: &effects)
    scripts[script]?.jobs.append(Int(id.index))
    enter(id, registration, in: current)
    adoptOrphans(id, registration, of: script, into: &effects)
    if let index = index(of: id) { removeIfEnded(index, into: &effects) }
  }

  mutating func dropDynamic(
    _ generation: GenerationID, reason: String, into effects: inout Effects
  ) {
    guard let current = generationIndices[generation] else { return }
    for id in generations[current].handles.compactMap({ $0?.job }) {
      guard let index = index(of: id), jobs[index].isDynamic else { continue }
      remove(index, reason: reason, into: &effects)
    }
  }

  mutating func unload(_ script: ScriptID, reason: String, into effects: inout Effects) {
    guard let record = scripts[script] else { return }
    for index in indices(of: record) { remove(index, reason: reason, into: &effects) }
    effects.kept += store.kept(of: scripts[script] ?? record, delays)
    scripts[script]?.generation = nil
    retire(record.generation, into: &effects)
    let hasPromises = scripts[script]?.orphans.isEmpty == false || delays.count(of: script) > 0
    if !hasPromises, !record.isPaused { scripts[script] = nil }
  }

  private mutating func retire(_ generation: GenerationIndex?, into effects: inout Effects) {
    guard let generation else { return }
    generations[generation].isRetired = true
    retiredGenerations += 1
    closeIfUnused(generation, into: &effects)
  }

  mutating func closeIfUnused(_ generation: GenerationIndex, into effects: inout Effects) {
    guard generations[generation].isRetired, generations[generation].active == 0 else { return }
    effects.closes.append(generations[generation].id)
    generationIndices[generations[generation].id] = nil
    generations[generation].isOpen = false
    generations[generation].isRetired = false
    generations[generation].handles = []
    retiredGenerations -= 1
    freeGenerations.append(generation)
  }
}
