import MoonwheelModel
import Triggers

/// `defaults { formerly = "a.lua" }`: a script that was renamed takes over what the host and its store keep of the jobs of
/// its former names: `run.state`, pauses and cancels, promises, and history. It happens once, since nothing is kept of
/// them afterwards.
struct TakeOver {
  let script: ScriptID
  let name: String
  /// The jobs that the script has had under its new name.
  let jobs: NameIndex

  /// Takes over from the scripts of these names, except from those that are loaded.
  func perform(
    from formerly: [String], on core: inout SchedulerCore, into effects: inout Effects
  ) {
    for former in formerly where former != name {
      let id = core.scripts.values.filter { $0.name == former }.min { $0.id < $1.id }
      guard id?.generation == nil else { continue }
      effects.kept += kept(of: former, id, core)
      var keys: [StoreKey: StoreKey] = [:]
      for job in (core.store.known[former] ?? [:]).keys.sorted() {
        guard let index = core.index(named: job, in: jobs, of: script),
          !core.jobs[index].isDynamic, core.isStored(index),
          let known = core.store.removeKnown(job, of: former)
        else { continue }
        keys[known.row.key] = core.jobs[index].key
        adopt(known, index, on: &core, into: &effects)
      }
      effects.writes += core.store.move(from: former, to: name).map { StoreWrite($0) }
      if let id { movePromises(of: id, keys, on: &core) }
    }
  }

  private func kept(
    of former: String, _ record: ScriptRecord?, _ core: borrowing SchedulerCore
  ) -> [KeptJobs] {
    let kept =
      record.map { core.store.kept(of: $0, core.delays) } ?? core.store.kept(of: former)
    return kept.map { kept in
      var kept = kept
      kept.heir = name
      return kept
    }
  }

  /// Gives a job that already runs under the new name what is kept of its former one.
  private func adopt(
    _ known: StoreState.KnownJob, _ index: JobIndex, on core: inout SchedulerCore,
    into effects: inout Effects
  ) {
    let key = core.jobs[index].key
    core.ensureRow(index, into: &effects)
    core.write(.adopt(known.row.key, into: key), into: &effects)
    if let state = known.state { core.makeExtras(of: index).setState(state, known.stateHold) }
    core.jobs[index].runs += known.row.runs
    core.writeRow(index, into: &effects)
    for var run in known.interrupted {
      run.job = key
      let pending = known.pendingRuns.first { $0.run == run.run }
      core.recordAbandoned(run, index, pending, into: &effects)
    }
    for var pending in known.pendingRuns {
      pending.job = key
      core.resume(pending, index, into: &effects)
    }
    guard core.jobs[index].state == .active,
      let hold = known.row.hold(ifTriggerIs: core.jobs[index].trigger.identity)
    else { return }
    if hold.state == .paused {
      core.pause(index, reason: hold.reason, into: &effects)
    } else {
      core.cancel(index, reason: hold.reason ?? JobHold.cancelledByCall, into: &effects)
    }
  }

  /// Moves the promises that wait in memory for a job of the former script.
  private func movePromises(
    of former: ScriptRecord, _ keys: [StoreKey: StoreKey], on core: inout SchedulerCore
  ) {
    core.delays.move(from: former.id, to: script, keys)
    for (job, waiting) in former.orphans {
      let moved = core.scripts[script]?.orphans[job] ?? WaitingRuns()
      while let item = waiting.removeFirst() {
        guard var pending = item.pending?.content else { continue }
        pending.job = keys[pending.job] ?? pending.job
        moved.append(.pending(Boxed(pending)))
      }
      core.scripts[script]?.orphans[job] = moved
    }
    core.scripts[former.id] = nil
  }
}
