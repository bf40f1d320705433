import TimerWheel

@testable import SchedulerCore

extension SchedulerCore {
  /// Traps if the core's state is inconsistent. For tests; O(jobs).
  func checkInvariants() {
    let free = Set(freeJobs)
    precondition(free.count == freeJobs.count, "an index is free twice")
    let live: [JobIndex] = jobs.indices.filter { !free.contains($0) }
    checkCounts(live)
    for index in live { check(index) }
    checkGenerations()
    checkNames(live)
  }

  private func checkCounts(_ live: [JobIndex]) {
    precondition(waitingJobs == live.count { jobs[$0].waiting != nil }, "wrong: waitingJobs")
    let leases = live.filter { jobs[$0].extras?.lease != nil && jobs[$0].running == 1 }
    precondition(openLeases == leases.count, "leases that should have ended")
    precondition(delayedJobs == live.count { jobs[$0].isDelayed }, "wrong: delayedJobs")
    let armed = live.filter { jobs[$0].timer != .none }
    precondition(wallTimers == armed.count { jobs[$0].schedule.isOnWallTime }, "wrong: wallTimers")
    let others = parks.count + delays.count + (summaryTimer == .none ? 0 : 1)
    precondition(wheel.count == armed.count + others, "the wheel has timers that nobody owns")
    let running = live.reduce(0) {
      $0 + Int(jobs[$1].running) - (jobs[$1].extras?.ending.entries.count ?? 0)
    }
    precondition(running <= activeRuns, "jobs have \(running) runs, but \(activeRuns) are active")
  }

  private func check(_ index: JobIndex) {
    let job = jobs[index]
    precondition(job.waiting.map { !$0.isEmpty } ?? true, "\(job.name): an empty queue")
    precondition(job.running >= 0, "\(job.name): \(job.running) runs")
    if job.timer == .none {
      let hasToBeArmed =
        job.schedule.isTimed && job.state == .active && !job.isDelayed && !isPaused(job.script)
        && job.schedule.openRequest == nil
      precondition(!hasToBeArmed || isDraining, "\(job.name): active without a timer")
    } else {
      precondition(job.state == .active && !isPaused(job.script), "\(job.name): armed, not active")
      precondition(wheel.deadline(of: job.timer) != nil, "\(job.name): its timer is gone")
    }
    let isEnded = job.state == .finished || job.state == .cancelled
    precondition(
      !(job.isDynamic && isEnded && job.running == 0 && job.waiting == nil),
      "\(job.name): has ended and was not removed")
    let startsLess =
      isDraining || !(job.waiting?.contains(where: { mayStart($0, index) }) ?? false)
    precondition(
      job.waiting == nil || job.running >= job.instanceLimit || startsLess || isGathering(index),
      "\(job.name): has a waiting run that may start")
  }

  private func checkGenerations() {
    let open = generations.indices.map { GenerationIndex($0) }.filter { generations[$0].isOpen }
    precondition(open.count == generationIndices.count, "wrong: generationIndices")
    precondition(open.count + freeGenerations.count == generations.count, "a generation is lost")
    for index in open {
      let generation = generations[index]
      precondition(generationIndices[generation.id] == index, "\(generation.id) is not found")
      precondition(generation.active >= 0, "\(generation.id): \(generation.active) runs")
      precondition(!generation.isRetired || generation.active > 0, "\(generation.id) is not closed")
      let isServing = scripts[generation.script]?.generation == index
      precondition(isServing != generation.isRetired, "\(generation.id) serves nobody")
    }
    precondition(retiredGenerations == open.count { generations[$0].isRetired })
    precondition(activeRuns == open.reduce(0) { $0 + generations[$1].active }, "wrong: activeRuns")
  }

  private func checkNames(_ live: [JobIndex]) {
    let named = scripts.values.reduce(0) { $0 + $1.jobs.count }
    precondition(named == live.count, "\(named) names of \(live.count) jobs")
    for index in live {
      let job = jobs[index]
      precondition(self.index(named: job.name, of: job.script) == index, "\(job.name): not found")
      let address = JobAddress(generation: generations[job.generation].id, handle: job.handle)
      precondition(self.index(of: address) == index, "\(job.name): not found by its handle")
      precondition(scripts[job.script]?.orphans[job.name] == nil, "\(job.name): has orphans")
    }
  }
}
