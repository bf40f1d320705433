import JobStoreConformance
import TestSupport
import Testing
import Triggers

@testable import MoonwheelModel
@testable import SchedulerCore

/// A restart that takes no time changes nothing. Each test replays a random sequence of edits, pauses, outages and time
/// twice; in one replay the host is killed and started again after each step.
@Suite struct RestartDifferenceTests {
  /// The long seeds have found faults.
  private static let seeds: [UInt64] =
    Array(1...12) + [
      10_914_689_159_670_772_072, 15_325_321_975_394_187_229, 3_204_732_289_292_480_616,
      7_631_661_408_326_350_401, 13_578_797_868_801_972_616, 5_673_207_129_334_177_784,
      12_230_510_995_746_303_852, 12_444_940_106_630_024_223, 11_010_320_234_388_465_123,
      9_628_321_060_808_478_705, 5_241_056_559_664_484_994,
    ]

  @Test(arguments: seeds)
  func `a restart after each step changes nothing`(seed: UInt64) throws { try compare(seed) }

  @Test func `a restart after each step changes nothing, with fresh seeds`() throws {
    for _ in 1...60 {
      let seed = UInt64.random(in: .min ... .max)  // printed with a failure
      guard try compare(seed) else { return }
    }
  }

  @discardableResult
  private func compare(_ seed: UInt64) throws -> Bool {
    let steps = EditReplay.steps(60, seed: seed)
    var expected = EditReplay(restarts: false)
    var restarted = EditReplay(restarts: true)
    for (number, step) in steps.enumerated() {
      let story = steps[...number].map(\.description).joined(separator: ", ")
      let before = "seed \(seed), step \(number) of \(story)"
      try expected.perform(step)
      try restarted.perform(step)
      guard expected.starts == restarted.starts else {
        Issue.record(
          "\(before): \(expected.starts.suffix(6)), restarted \(restarted.starts.suffix(6))")
        return false
      }
      guard expected.states == restarted.states else {
        Issue.record("\(before): \(expected.states), restarted \(restarted.states)")
        return false
      }
      let (decisions, wanted) = (try restarted.decisions(), try expected.decisions())
      guard decisions == wanted else {
        Issue.record("\(before): \(wanted), restarted \(decisions)")
        return false
      }
    }
    return true
  }
}

/// One replay of a sequence of steps.
struct EditReplay {
  enum Step: CustomStringConvertible {
    case edit(String, EditedJob)
    case advance(Int64)
    case pause(String)
    case resume(String)
    case cancel(String)
    case outage(Int64)

    var description: String {
      switch self {
      case .edit(let name, let job):
        "\(name) = \(job.spec) \(job.policy.timing) \(job.policy.paused ? "paused " : "")"
          + "jitter \(job.policy.window.jitter / second)"
      case .advance(let length): "advance \(length / millisecond)"
      case .pause(let name): "pause \(name)"
      case .resume(let name): "resume \(name)"
      case .cancel(let name): "cancel \(name)"
      case .outage(let length): "outage \(length / millisecond)"
      }
    }
  }

  /// A job as a script would register it.
  struct EditedJob {
    var spec: String
    var policy: JobPolicy
  }

  private static let names = ["a", "b", "c"]
  private static let specs = [
    "every 10s", "every 7s", "every 4s to 9s", "every 20s to 40s", "cron */15 * * * * *",
    "cron 10,40 * * * * *", "every minute at :20", "every 2 minutes at :30", "at 08:03",
    "at 2027-01-15 08:02:30Z", "function",
  ]

  static func steps(_ count: Int, seed: UInt64) -> [Step] {
    var random = SplitMix64(seed: seed)
    func below(_ bound: UInt64) -> UInt64 { random.next() % bound }
    func pick<Item>(_ items: [Item]) -> Item { items[Int(below(UInt64(items.count)))] }
    var jobs: [String: EditedJob] = [:]
    func edit() -> Step {
      let name = pick(names)
      var job = jobs[name] ?? EditedJob(spec: pick(specs), policy: JobPolicy())
      switch below(8) {
      case 0, 1, 2: job.spec = pick(specs)
      case 3: job.policy.catchup = pick([nil, Catchup.none, .latest, .all])
      case 4: job.policy.paused.toggle()
      case 5: job.policy.window.times = pick([nil, 2, 5])
      case 6:
        let bound = pick([nil, 30, 90, 200] as [Int64?]).map {
          CoreHarness.epoch.advanced(by: $0 * second)
        }
        if below(2) == 0 { job.policy.window.from = bound } else { job.policy.window.till = bound }
      default:
        if below(2) == 0 {
          job.policy.window.fromAfter = pick([nil, 15 * second])
        } else {
          job.policy.window.jitter = pick([0, 3 * second])
        }
      }
      if !job.spec.hasPrefix("every ") || job.spec.contains(" at ") || job.spec.contains(" to ") {
        job.policy.fixedDelay = false
      } else if below(6) == 0 {
        job.policy.fixedDelay.toggle()
      }
      jobs[name] = job
      return .edit(name, job)
    }
    return (0..<count).map { number in
      switch number < 3 ? 0 : below(10) {
      case 0, 1: return edit()
      case 2: return .pause(pick(names))
      case 3: return .resume(pick(names))
      case 4: return below(4) == 0 ? .cancel(pick(names)) : .resume(pick(names))
      case 5: return .outage(Int64(below(40)) * second + Int64(below(1_000)) * millisecond)
      default: return .advance(Int64(below(25)) * second + Int64(below(1_000)) * millisecond)
      }
    }
  }

  let restarts: Bool
  private let harness = StoreHarness()
  private var jobs: [String: EditedJob] = [:]
  private var past: [CoreHarness.Start] = []

  init(restarts: Bool) {
    self.restarts = restarts
    answer()
  }

  /// The starts and their nominal instants. Starts at one time are sorted, since their order is not defined.
  var starts: [String] {
    (past + harness.host.starts).sorted { ($0.at, $0.job, $0.due) < ($1.at, $1.job, $1.due) }.map {
      "\($0.job) at \($0.at / millisecond) for \($0.due / millisecond)"
    }
  }

  /// The state, the count of fires and the next fire of each job.
  var states: [String] {
    Self.names.compactMap { name in
      harness.host.core.index(named: name, of: CoreHarness.script).map { index in
        let job = harness.host.core.jobs[index]
        let next = harness.host.status(name)?.next.map { CoreHarness.epoch.distance(to: $0) }
        return "\(name) \(job.state) \(job.fires) \((next ?? -1) / millisecond)"
      }
    }
  }

  /// The number of fires of each job for each kind of decision.
  func decisions() throws -> [String: Int64] {
    var counts: [String: Int64] = [:]
    for decision in try harness.store.decisions(RunQuery(limit: 10_000)) {
      counts["\(decision.name) \(decision.kind)", default: 0] += decision.count
    }
    return counts
  }

  private func answer() {
    harness.host.answerNextFire = { after in
      .success(CoreHarness.epoch.advanced(by: after + 13 * second))
    }
  }

  private func install() throws {
    let now = harness.host.reading.wall
    harness.host.install(
      try jobs.sorted { $0.key < $1.key }.map { name, job in
        job.spec == "function"
          ? TestJob(name: name, trigger: .custom(CallbackID(rawValue: 7)), policy: job.policy)
          : try TestJob.spec(name, job.spec, job.policy, now: now)
      })
  }

  private mutating func restart(after down: Int64) throws {
    past += harness.host.starts
    harness.restart(after: down)
    answer()
    try install()
    harness.host.handle(.loaded())
    harness.host.run(until: harness.host.now)
  }

  mutating func perform(_ step: Step) throws {
    switch step {
    case .edit(let name, let job):
      jobs[name] = job
      try install()
      if jobs.count == 1 { harness.host.handle(.loaded()) }
    case .advance(let length): harness.host.run(until: harness.host.now + length)
    case .pause(let name) where jobs[name] != nil:
      harness.host.command(name, .pause(reason: nil))
    case .resume(let name) where jobs[name] != nil: harness.host.command(name, .resume)
    case .cancel(let name) where jobs[name] != nil: harness.host.command(name, .cancel(by: nil))
    case .pause, .resume, .cancel: break
    case .outage(let length): try restart(after: length)
    }
    harness.host.run(until: harness.host.now)
    // A query writes sums and counts of decisions to the store.
    for name in Self.names {
      harness.host.handle(.named(CoreHarness.script, name: name, .status, request: 0))
    }
    if restarts { try restart(after: 0) }
  }
}
