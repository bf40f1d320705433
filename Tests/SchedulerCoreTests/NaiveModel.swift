import Testing
import Triggers

@testable import MoonwheelModel
@testable import SchedulerCore

/// A model of the core that is simple enough to be obviously right: it handles each job by itself, without wheel and
/// ids.
struct NaiveModel {
  enum Item: Equatable {
    case pending(Int64)
    case fire(Int64)
  }

  struct Job {
    var period: Int64
    var policy: JobPolicy
    var state = JobStatus.State.active
    var anchor: Int64
    var due: Int64?
    /// The next fire of a paused job, if it were not paused.
    var held: Int64?
    var runs: Int64 = 0
    var running = 0
    var waiting: [Item] = []

    var limit: Int { policy.overlap == .allow ? policy.maxInstances : 1 }

    mutating func begin(at now: Int64, scriptPaused: Bool) {
      anchor = now
      runs = 0
      state = policy.paused ? .paused : .active
      due = nil
      held = nil
      rearm(at: now, scriptPaused: scriptPaused)
    }

    mutating func hold() {
      held = due ?? held
      due = nil
    }

    /// The number of fires that were missed during a pause.
    func missedWhilePaused(at now: Int64) -> Int64 {
      guard let held, held <= now else { return 0 }
      return policy.fixedDelay ? 1 : (now - held) / period + 1
    }

    /// Sets the next fire to the first multiple of the period after now, unless the end of a run will set it.
    mutating func rearm(at now: Int64, scriptPaused: Bool) {
      guard state == .active, !scriptPaused, !(policy.fixedDelay && running > 0) else { return }
      due = anchor + ((now - anchor) / period + 1) * period
      held = nil
    }
  }

  var jobs: [String: Job] = [:]
  var orphans: [String: [Item]] = [:]
  var isPaused = false
  var now: Int64 = 0
  /// The fires of the last step, in no order.
  var log: [String] = []

  // MARK: Steps

  mutating func advance(to instant: Int64) {
    now = instant
    for name in jobs.keys {
      guard let job = jobs[name], let due = job.due, due <= now else { continue }
      if job.policy.fixedDelay {
        jobs[name]?.due = nil
        request(.fire(due), name)
        continue
      }
      let missed = (now - due) / job.period
      if missed > 0 { log.append("\(name) missed \(missed) from \(due)") }
      jobs[name]?.due = due + (missed + 1) * job.period
      request(.fire(due + missed * job.period), name)
    }
  }

  mutating func finish(_ name: String, cancels: Bool) {
    guard jobs[name] != nil else { return }
    jobs[name]?.running -= 1
    if cancels { cancel(name) }
    startWaiting(name)
    guard let job = jobs[name], job.policy.fixedDelay, job.running == 0, job.state == .active,
      job.due == nil, !isPaused
    else { return }
    jobs[name]?.due = now + job.period
    jobs[name]?.held = nil
  }

  mutating func pause(_ name: String) {
    guard jobs[name]?.state == .active else { return }
    jobs[name]?.state = .paused
    jobs[name]?.hold()
  }

  mutating func resume(_ name: String) {
    guard jobs[name]?.state == .paused || jobs[name]?.state == .cancelled else { return }
    jobs[name]?.state = .active
    startWaiting(name)
    rearm(name)
  }

  private mutating func rearm(_ name: String) {
    guard let job = jobs[name], !isPaused, !(job.policy.fixedDelay && job.running > 0) else {
      return
    }
    let missed = job.missedWhilePaused(at: now)
    if missed > 0, let held = job.held { log.append("\(name) missed \(missed) from \(held)") }
    jobs[name]?.rearm(at: now, scriptPaused: false)
  }

  mutating func cancel(_ name: String) {
    guard let job = jobs[name], job.state != .cancelled else { return }
    jobs[name]?.state = .cancelled
    jobs[name]?.due = nil
    jobs[name]?.held = nil
    dropFires(name)
    for case .pending(let due) in job.waiting { log.append("\(name) skipped \(due)") }
    jobs[name]?.waiting = []
  }

  mutating func trigger(_ name: String) {
    guard let job = jobs[name], job.state != .cancelled else { return }
    request(.pending(now), name)
  }

  mutating func pauseScript(_ pauses: Bool) {
    guard pauses != isPaused else { return }
    isPaused = pauses
    for name in jobs.keys where jobs[name]?.state == .active {
      if isPaused { jobs[name]?.hold() } else { rearm(name) }
    }
  }

  mutating func install(_ wanted: [TestJob]) {
    for name in jobs.keys where !wanted.contains(where: { $0.name == name }) {
      dropFires(name)
      if let waiting = jobs[name]?.waiting, !waiting.isEmpty { orphans[name] = waiting }
      jobs[name] = nil
    }
    for job in wanted {
      guard case .time(.every(let period, _)) = job.trigger else { continue }
      if jobs[job.name] == nil {
        var new = Job(period: period, policy: job.policy, anchor: now)
        new.begin(at: now, scriptPaused: isPaused)
        jobs[job.name] = new
        for item in orphans.removeValue(forKey: job.name) ?? [] { request(item, job.name) }
      } else if jobs[job.name]?.period == period {
        applyPolicy(job.policy, to: job.name)
      } else {
        dropFires(job.name)
        jobs[job.name]?.period = period
        jobs[job.name]?.policy = job.policy
        jobs[job.name]?.begin(at: now, scriptPaused: isPaused)
      }
      startWaiting(job.name)
    }
  }

  // MARK: Parts

  private mutating func applyPolicy(_ policy: JobPolicy, to name: String) {
    guard let before = jobs[name]?.policy else { return }
    jobs[name]?.policy = policy
    if before.paused != policy.paused {
      if policy.paused { pause(name) } else if jobs[name]?.state == .paused { resume(name) }
    }
    if before.fixedDelay != policy.fixedDelay { jobs[name]?.held = nil }
    if before.fixedDelay != policy.fixedDelay, jobs[name]?.state == .active, !isPaused {
      jobs[name]?.due = nil
      jobs[name]?.rearm(at: now, scriptPaused: false)
    }
  }

  private mutating func dropFires(_ name: String) {
    for case .fire(let due) in jobs[name]?.waiting ?? [] { log.append("\(name) skipped \(due)") }
    jobs[name]?.waiting.removeAll { if case .fire = $0 { true } else { false } }
  }

  private mutating func request(_ item: Item, _ name: String) {
    guard let job = jobs[name] else { return }
    if job.running < job.limit, job.waiting.isEmpty {
      start(item, name)
    } else if case .fire = item, job.policy.overlap == .replace {
      dropFires(name)
      jobs[name]?.waiting.append(item)
    } else if case .fire(let due) = item,
      job.policy.overlap != .queue || job.waiting.count >= job.policy.backlog
    {
      log.append("\(name) skipped \(due)")
    } else {
      jobs[name]?.waiting.append(item)
      startWaiting(name)
    }
  }

  private mutating func startWaiting(_ name: String) {
    while let job = jobs[name], job.running < job.limit {
      let startsAll = job.state == .active || job.state == .finished
      let next = job.waiting.firstIndex {
        if case .pending = $0 { true } else { startsAll }
      }
      guard let next else { return }
      jobs[name]?.waiting.remove(at: next)
      start(job.waiting[next], name)
    }
  }

  private mutating func start(_ item: Item, _ name: String) {
    guard var job = jobs[name] else { return }
    job.running += 1
    job.runs += 1
    jobs[name] = job
    switch item {
    case .pending(let at), .fire(let at): log.append("\(name) run \(job.runs) due \(at)")
    }
  }
}
