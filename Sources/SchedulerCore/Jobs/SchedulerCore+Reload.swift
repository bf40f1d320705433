import MoonwheelModel
import TimerWheel
import Triggers

extension SchedulerCore {
  /// Swaps the generation of a script between two fires. Jobs are matched by name: with an unchanged trigger they keep
  /// phase, next fire, count, pause and what waits; with a changed one they begin anew.
  mutating func install(_ installation: Installation, into effects: inout Effects) {
    let script = installation.script
    var record =
      scripts[script]
      ?? ScriptRecord(
        id: script, generation: -1, name: installation.name, jobs: NameIndex(), isPaused: false,
        orphans: [:])
    let previous = record.generation
    var old = record.jobs
    settle(&old)
    let place = newGeneration(installation)
    record.generation = place
    jobs.reserve(max(0, installation.registrations.count - old.count))
    // What is stored of a job may bring some.
    let hasOrphans = !record.orphans.isEmpty || store.hasKnown
    record.jobs = NameIndex()
    scripts[script] = record
    var names = NameIndex()
    for registration in installation.registrations {
      let id: JobID
      if old.count > 0, let index = index(named: registration.name, in: old, of: script),
        !jobs[index].isDynamic
      {
        adopt(index, registration, in: place, into: &effects)
        id = self.id(of: index)
      } else {
        id = add(registration, of: script, in: place, into: &effects)
      }
      names.append(Int(id.index))
      enter(id, registration, in: place)
      if hasOrphans { adoptOrphans(id, registration, of: script, into: &effects) }
    }
    scripts[script]?.jobs = names
    let gone = old.numbers.filter { jobs[$0].script == script && jobs[$0].generation != place }
    for index in gone.sorted() {
      let reason = jobs[index].isDynamic ? "its generation ended" : "the script no longer has it"
      remove(index, reason: reason, into: &effects)
    }
    retire(previous, into: &effects)
  }

  private mutating func newGeneration(_ installation: Installation) -> Int {
    let record = GenerationRecord(
      id: installation.generation, script: installation.script, active: 0, isRetired: false,
      isOpen: true,
      places: ContiguousArray(repeating: nil, count: installation.registrations.count))
    let place = freeGenerations.popLast() ?? generations.count
    if place == generations.count {
      generations.append(record)
    } else {
      generations[place] = record
    }
    generationIndex[installation.generation] = place
    return place
  }

  /// Makes a job known by its handle.
  private mutating func enter(_ id: JobID, _ registration: Registration, in place: Int) {
    let ordinal = Int(registration.handle.ordinal)
    let count = generations[place].places.count
    if ordinal >= count {
      generations[place].places.append(contentsOf: repeatElement(nil, count: ordinal + 1 - count))
    }
    generations[place].places[ordinal] = .init(job: id, reuse: registration.handle.reuse)
  }

  /// Gives a job what was promised to its name.
  private mutating func adoptOrphans(
    _ id: JobID, _ registration: Registration, of script: ScriptID, into effects: inout Effects
  ) {
    guard scripts[script]?.orphans.isEmpty == false,
      let orphan = scripts[script]?.orphans.removeValue(forKey: registration.name),
      let index = index(of: id)
    else { return }
    while let item = orphan.removeFirst() {
      jobs[index].pendingCount += 1
      _ = request(item, index, into: &effects)
    }
  }

  /// Gives an existing job its place in the new generation.
  private mutating func adopt(
    _ index: Int, _ registration: Registration, in place: Int, into effects: inout Effects
  ) {
    let before = jobs[index].policy
    let wasDelayed = jobs[index].isDelayed
    let isSame = jobs[index].trigger.continues(as: registration.trigger)
    revokeLeases(index)
    if !isSame {
      disarm(index)
      unsubscribe(index, into: &effects)
      dropWaiting(index, reason: "its trigger was changed", into: &effects)
      jobs[index].extras?.reason = nil
    }
    jobs[index].adopt(registration, in: place, keepingTrigger: isSame)
    notePriority(of: index)
    if wasDelayed != jobs[index].isDelayed { delayedJobs += wasDelayed ? -1 : 1 }
    if isSame {
      follow(index, from: before, into: &effects)
      requestAgain(index, into: &effects)
    } else {
      publish(.jobChanged, index, into: &effects)
      begin(index, into: &effects)
      writeRow(index, into: &effects)
    }
    startWaiting(index, into: &effects)
  }

  /// What a new policy means for a job that goes on.
  private mutating func follow(
    _ index: Int, from before: SharedPolicy, into effects: inout Effects
  ) {
    if case .event(let pattern) = jobs[index].trigger, jobs[index].state == .active {
      subscribe(index, pattern, into: &effects)
      if !jobs[index].gathersEvents { disarm(index) }
    }
    let policy = jobs[index].policy
    guard policy !== before, policy.value != before.value else { return }
    publish(.jobChanged, index, into: &effects)
    if before.value.paused != policy.value.paused {
      if policy.value.paused {
        pause(index, reason: Self.pausedOption, into: &effects)
      } else if jobs[index].state == .paused {
        resume(index, into: &effects)
      }
    }
    let delays = before.value.fixedDelay != policy.value.fixedDelay
    if delays || before.value.window.identity != policy.value.window.identity {
      retime(index, delays: delays, into: &effects)
    } else if before.value.window.jitter != policy.value.window.jitter {
      followJitter(index)
    }
    writeRow(index, into: &effects)
  }

  /// A callback registered a job. Its generation may have been replaced meanwhile: then it is gone already.
  mutating func register(
    _ registration: Registration, of script: ScriptID, in generation: GenerationID,
    into effects: inout Effects
  ) {
    guard let place = generationIndex[generation], !generations[place].isRetired else {
      effects.releases.append((generation, registration.handle, registration.callback))
      return
    }
    let id = add(registration, of: script, in: place, into: &effects)
    scripts[script]?.jobs.append(Int(id.index))
    enter(id, registration, in: place)
    adoptOrphans(id, registration, of: script, into: &effects)
    if let index = index(of: id) { removeIfEnded(index, into: &effects) }
  }

  mutating func dropDynamic(
    _ generation: GenerationID, reason: String, into effects: inout Effects
  ) {
    guard let place = generationIndex[generation] else { return }
    for id in generations[place].places.compactMap({ $0?.job }) {
      guard let index = index(of: id), jobs[index].isDynamic else { continue }
      remove(index, reason: reason, into: &effects)
    }
  }

  mutating func unload(_ script: ScriptID, reason: String, into effects: inout Effects) {
    guard let record = scripts[script] else { return }
    for index in indices(of: record) { remove(index, reason: reason, into: &effects) }
    scripts[script]?.generation = -1
    retire(record.generation, into: &effects)
    if scripts[script]?.orphans.isEmpty == true, !record.isPaused { scripts[script] = nil }
  }

  private mutating func retire(_ place: Int, into effects: inout Effects) {
    guard place >= 0 else { return }
    generations[place].isRetired = true
    retiredGenerations += 1
    closeIfUnused(place, into: &effects)
  }

  mutating func closeIfUnused(_ place: Int, into effects: inout Effects) {
    guard generations[place].isRetired, generations[place].active == 0 else { return }
    effects.closes.append(generations[place].id)
    generationIndex[generations[place].id] = nil
    generations[place].isOpen = false
    generations[place].isRetired = false
    generations[place].places = []
    retiredGenerations -= 1
    freeGenerations.append(place)
  }
}
