import TimerWheel
import Triggers

extension SchedulerCore {
  /// Swaps the generation of a script between two fires. Jobs are matched by name: with an unchanged trigger they keep
  /// phase, next fire, count, pause and what waits; with a changed one they begin anew.
  mutating func install(_ installation: Installation, into effects: inout Effects) {
    let script = installation.script
    var record =
      scripts[script]
      ?? ScriptRecord(id: script, generation: -1, jobs: [:], isPaused: false, orphans: [:])
    let previous = record.generation
    let old = record.jobs
    let place = newGeneration(installation)
    record.generation = place
    record.jobs = [:]
    record.jobs.reserveCapacity(installation.registrations.count)
    scripts[script] = record
    var kept: Set<JobID> = []
    for registration in installation.registrations {
      let id: JobID
      if let known = old[registration.name], let index = index(of: known), !jobs[index].isDynamic {
        adopt(index, registration, in: place, into: &effects)
        kept.insert(known)
        id = known
      } else {
        id = add(registration, of: script, in: place, into: &effects)
      }
      enter(id, registration, of: script, in: place, into: &effects)
    }
    for (name, id) in old.sorted(by: { $0.key < $1.key }) where !kept.contains(id) {
      guard let index = index(of: id) else { continue }
      let reason = jobs[index].isDynamic ? "its generation ended" : "the script no longer has it"
      remove(index, reason: reason, into: &effects)
      if scripts[script]?.jobs[name] == id { scripts[script]?.jobs[name] = nil }
    }
    retire(previous, into: &effects)
  }

  private mutating func newGeneration(_ installation: Installation) -> Int {
    let record = GenerationRecord(
      id: installation.generation, script: installation.script, active: 0, isRetired: false,
      places: ContiguousArray(repeating: nil, count: installation.registrations.count))
    let place = freeGenerations.popLast() ?? generations.count
    if place == generations.count { generations.append(nil) }
    generations[place] = record
    generationIndex[installation.generation] = place
    return place
  }

  /// Makes a job known by its name and by its handle, and gives it what was promised to its name.
  private mutating func enter(
    _ id: JobID, _ registration: Registration, of script: ScriptID, in place: Int,
    into effects: inout Effects
  ) {
    scripts[script]?.jobs[registration.name] = id
    let ordinal = Int(registration.handle.ordinal)
    let count = generations[place]?.places.count ?? 0
    if ordinal >= count {
      generations[place]?.places.append(contentsOf: repeatElement(nil, count: ordinal + 1 - count))
    }
    generations[place]?.places[ordinal] = .init(job: id, reuse: registration.handle.reuse)
    guard let orphan = scripts[script]?.orphans.removeValue(forKey: registration.name),
      let index = index(of: id)
    else { return }
    while let item = orphan.removeFirst() { request(item, index, into: &effects) }
  }

  /// Gives an existing job its place in the new generation.
  private mutating func adopt(
    _ index: Int, _ registration: Registration, in place: Int, into effects: inout Effects
  ) {
    let isSame = jobs[index].trigger == registration.trigger
    let before = jobs[index].policy.value
    let after = registration.policy.value
    jobs[index].generation = place
    jobs[index].handle = registration.handle
    jobs[index].callback = registration.callback
    jobs[index].policy = registration.policy
    if before.fixedDelay != after.fixedDelay {
      fixedDelayRuns += (after.fixedDelay ? 1 : -1) * Int(jobs[index].running)
    }
    guard isSame, before.paused == after.paused, before.fixedDelay == after.fixedDelay else {
      disarm(index)
      if case .event = jobs[index].trigger {
        effects.subscriptions.append(.unsubscribe(id(of: index)))
      }
      jobs[index].trigger = registration.trigger
      publish(.jobChanged, index, into: &effects)
      begin(index, into: &effects)
      startWaiting(index, into: &effects)
      return
    }
    if before != after { publish(.jobChanged, index, into: &effects) }
    if case .event(let pattern) = jobs[index].trigger, jobs[index].state == .active {
      subscribe(index, pattern, into: &effects)
    }
  }

  /// A callback registered a job. Its generation may have been replaced meanwhile: then it is gone already.
  mutating func register(
    _ registration: Registration, of script: ScriptID, in generation: GenerationID,
    into effects: inout Effects
  ) {
    guard let place = generationIndex[generation], generations[place]?.isRetired == false else {
      effects.releases.append((generation, registration.handle, registration.callback))
      return
    }
    let id = add(registration, of: script, in: place, into: &effects)
    enter(id, registration, of: script, in: place, into: &effects)
    if let index = index(of: id), jobs[index].state == .finished, jobs[index].running == 0 {
      remove(index, reason: "its time was past", into: &effects)
    }
  }

  mutating func dropDynamic(
    _ generation: GenerationID, reason: String, into effects: inout Effects
  ) {
    guard let place = generationIndex[generation] else { return }
    for id in (generations[place]?.places ?? []).compactMap({ $0?.job }) {
      guard let index = index(of: id), jobs[index].isDynamic else { continue }
      remove(index, reason: reason, into: &effects)
    }
  }

  mutating func unload(_ script: ScriptID, reason: String, into effects: inout Effects) {
    guard let record = scripts[script] else { return }
    for (_, id) in record.jobs.sorted(by: { $0.key < $1.key }) {
      guard let index = index(of: id) else { continue }
      remove(index, reason: reason, into: &effects)
    }
    scripts[script]?.generation = -1
    retire(record.generation, into: &effects)
    if scripts[script]?.orphans.isEmpty == true, !record.isPaused { scripts[script] = nil }
  }

  private mutating func retire(_ place: Int, into effects: inout Effects) {
    guard place >= 0 else { return }
    generations[place]?.isRetired = true
    closeIfUnused(place, into: &effects)
  }

  mutating func closeIfUnused(_ place: Int, into effects: inout Effects) {
    guard let generation = generations[place], generation.isRetired, generation.active == 0 else {
      return
    }
    effects.closes.append(generation.id)
    generationIndex[generation.id] = nil
    generations[place] = nil
    freeGenerations.append(place)
  }
}
