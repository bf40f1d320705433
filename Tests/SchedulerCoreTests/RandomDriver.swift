import JobStoreConformance
import TestSupport
import Testing

@testable import MoonwheelModel
@testable import SchedulerCore

/// Applies random operations to the core and to the naive model, so that a test can compare their logs.
struct RandomDriver {
  let harness = CoreHarness()
  var model = NaiveModel()
  var random: SplitMix64
  var jobs: [TestJob] = []
  private var seenEvents = 0
  private var seenStarts = 0

  init(seed: UInt64) { random = SplitMix64(seed: seed) }

  enum Operation: CaseIterable {
    case advance, finish, pause, resume, cancel, trigger, reload, pauseScript

    /// How often the operation is chosen, relative to the others.
    var weight: UInt64 {
      switch self {
      case .advance: 40
      case .finish: 40
      case .pause, .cancel: 3
      case .resume: 8
      case .trigger: 8
      case .reload: 6
      case .pauseScript: 2
      }
    }
  }

  mutating func step() -> String {
    perform(choose())
  }

  mutating func finishAll() {
    while let run = harness.active.first {
      harness.finish(at: 0)
      model.finish(run.job, cancels: false)
    }
  }

  private mutating func choose() -> Operation {
    var rest = random.next(upTo: Operation.allCases.reduce(0) { $0 + $1.weight })
    for operation in Operation.allCases {
      if rest < operation.weight { return operation }
      rest -= operation.weight
    }
    return .advance
  }

  private mutating func perform(_ operation: Operation) -> String {
    let name = String(random.next(upTo: 12))
    switch operation {
    case .advance:
      advance()
      return "advance to \(model.now)"
    case .finish: return finish()
    case .pause:
      harness.command(name, .pause(reason: nil))
      model.pause(name)
    case .resume:
      harness.command(name, .resume)
      model.resume(name)
    case .cancel:
      harness.command(name, .cancel(by: nil))
      model.cancel(name)
    case .trigger:
      harness.command(name, .enqueue(.nil, at: .now))
      model.trigger(name)
    case .reload: reload()
    case .pauseScript:
      let pauses = random.next(upTo: 3) == 0
      harness.handle(.pauseScript(CoreHarness.script, pauses))
      model.pauseScript(pauses)
    }
    return "\(operation) \(name)"
  }

  /// Advances the time by a random length, sometimes by many periods. Lengths are whole ticks, since the model has no
  /// ticks.
  mutating func advance() {
    let scale: [UInt64] = [1, 10, 100, 1_000, 1_000, 1_000, 10_000, 40_000]
    let ticks = random.next(upTo: scale[Int(random.next(upTo: 8))] + 1)
    model.advance(to: model.now + Int64(ticks) * 100_000)
    harness.jump(to: model.now)
  }

  private mutating func finish() -> String {
    guard !harness.active.isEmpty else { return "finish nothing" }
    let index = Int(random.next(upTo: UInt64(harness.active.count)))
    let run = harness.active[index]
    let cancels = random.next(upTo: 20) == 0
    // The run may belong to a job that was removed, although another job has its name now.
    let isKnown = harness.core.index(of: run.dispatch.job) != nil
    harness.finish(at: index, cancels ? .cancelledJob : .succeeded(.nil))
    if isKnown { model.finish(run.job, cancels: cancels) }
    return "finish \(run.job)\(cancels ? ", cancel" : "")"
  }

  mutating func reload() {
    jobs = (0..<12).compactMap { number in
      if let old = jobs.first(where: { $0.name == String(number) }), random.next(upTo: 4) > 0 {
        return old
      }
      return random.next(upTo: 4) == 0 ? nil : randomJob(String(number))
    }
    for job in jobs { harness.durations[job.name] = .max }
    harness.install(jobs)
    model.install(jobs)
  }

  private mutating func randomJob(_ name: String) -> TestJob {
    let periods: [Int64] = [10, 15, 100, 101, 250, 1_000]
    let period = periods[Int(random.next(upTo: 6))] * millisecond
    let overlap = Overlap.allCases[Int(random.next(upTo: 4))]
    let policy = JobPolicy(
      overlap: overlap, backlog: Int(random.next(upTo: 4)),
      maxInstances: 1 + Int(random.next(upTo: 3)),
      fixedDelay: random.next(upTo: 4) == 0, paused: random.next(upTo: 6) == 0)
    return .every(name, period, policy)
  }

  /// The sorted logs of the core and of the model since the last call.
  mutating func newLogs() -> (core: [String], model: [String]) {
    var log: [String] = []
    for start in harness.starts[seenStarts...] {
      log.append("\(start.job) run \(start.number) due \(start.due)")
    }
    for (_, event) in harness.events[seenEvents...] {
      let due = event.scheduledAt.map { CoreHarness.epoch.distance(to: $0) } ?? -1
      switch event.kind {
      case .runSkipped: log.append("\(event.job) skipped \(due)")
      case .runMissed: log.append("\(event.job) missed \(event.count) from \(due)")
      default: break
      }
    }
    seenStarts = harness.starts.count
    seenEvents = harness.events.count
    defer { model.log = [] }
    return (log.sorted(), model.log.sorted())
  }

  /// A job whose status differs between the core and the model.
  func difference() -> String? {
    for (name, job) in model.jobs {
      guard let status = harness.status(name) else { return "\(name) is gone" }
      let next = job.due.map { CoreHarness.epoch.advanced(by: $0) }
      guard status.state == (model.isPaused && job.state == .active ? .paused : job.state),
        status.next == next, status.runs == job.runs, status.running == job.running,
        status.waiting == job.waiting.count
      else { return "\(name): \(status), and in the model \(job)" }
    }
    return nil
  }
}
