import Layers
import MoonwheelModel
import MoonwheelTesting
import Synchronization
import SystemCalls
import Testing
import WorkerPool

@testable import Moonwheel
@testable import SchedulerEngine
@testable import ScriptHost

/// A scheduler on the real clock with hostile scripts and a neighbour that ticks every 50 ms.
///
/// It has more workers than concurrent attacks, so that one is free for the neighbour: a loop in C occupies its worker
/// until the eviction.
final class Arena: Sendable {
  struct Ended: Sendable {
    var outcome: String
    var error: String
    var at: Int64
  }

  struct Tick: Sendable {
    var number: Int64
    var scheduledAt: Double
    var late: Double
  }

  struct State: Sendable {
    var began: [Int: Int64] = [:]
    var ended: [String: Ended] = [:]
    var alive: Set<Int> = []
    var ticks: [Tick] = []
    var evictions = 0
    var events: [Event] = []
  }

  static let period = 0.05
  /// How much other tests on the same two cores may add to a promise about time.
  static let allowance: Int64 = 400_000_000

  /// The bound of lateness in milliseconds while other tests share two cores; on an idle machine the promise is 10.
  static let latenessBound = 50.0

  /// Milliseconds. If the metronome was later than this, other processes occupied the cores, and a tick may be missing.
  static let quiet = 10.0

  let metronome: Metronome
  let scheduler: Scheduler
  let state: Condition<State>

  init(
    _ scripts: [(name: String, source: String)],
    configuration base: Configuration = Configuration(),
    hasNeighbour: Bool = true, prepare: (Scheduler, Condition<State>) throws -> Void = { _, _ in }
  ) throws {
    var configuration = base
    configuration.timeZone = "UTC"
    configuration.texts += scripts
    if hasNeighbour { configuration.texts.append((name: "neighbour.lua", source: Self.neighbour)) }
    configuration.logEvents = nil
    let state = Condition(State())
    self.state = state
    metronome = try Metronome()
    scheduler = try Scheduler(configuration, logger: LogRecorder().logger)
    try scheduler.register("began") { arguments in
      let now = Clocks.monotonic()
      state.withLock { $0.began[Int(arguments[0].integer ?? -1)] = now }
      return .nil
    }
    try scheduler.register("alive") { arguments in
      state.withLock { _ = $0.alive.insert(Int(arguments[0].integer ?? -1)) }
      state.broadcast()
      return .nil
    }
    try scheduler.register("tick") { arguments in
      let tick = Tick(
        number: arguments[0].integer ?? -1, scheduledAt: arguments[1].number ?? -1,
        late: arguments[2].number ?? -1)
      state.withLock { $0.ticks.append(tick) }
      return .nil
    }
    try prepare(scheduler, state)
    let pattern = try EventPattern("run.* | script.* | scheduler.*")
    _ = scheduler.environment.bus.observe(pattern) { event in
      let now = Clocks.monotonic()
      state.withLock { $0.add(event, at: now) }
      state.broadcast()
    }
    try scheduler.start()
    scheduler.waitUntilLoaded()
  }

  private static let neighbour = """
    every("50ms", { name = "tick" }, function(run) tick(run.n, run.scheduled_at, run.late) end)
    """

  /// Waits until `take` returns a value, at most for the given seconds.
  func wait<R>(_ seconds: Double, for take: (inout State) -> R?) -> R? {
    state.wait(until: Clocks.monotonic() + Int64(seconds * 1e9), for: take)
  }

  func stop() async { await scheduler.stop() }

  // MARK: The neighbour

  /// Checks that every tick came in order and hardly late. Returns the 99th percentile of the lateness in milliseconds,
  /// without the lateness of the machine itself that the metronome saw.
  @discardableResult
  func checkNeighbour() -> Double {
    let ticks = state.withLock { $0.ticks }
    let noise = metronome.stop()
    #expect(ticks.count > 2, "the neighbour hardly ran")
    for (before, after) in zip(ticks, ticks.dropFirst()) where noise < Self.quiet {
      let step = after.scheduledAt - before.scheduledAt
      #expect(
        after.number == before.number + 1 && abs(step - Self.period) < 1e-4,
        "a tick was lost after \(before.number): \(step) s, \(Self.aboutNeighbour(state))")
    }
    let late = ticks.map { $0.late * 1000 }.sorted()
    guard !late.isEmpty else { return 0 }
    let p99 = late[min(late.count - 1, late.count * 99 / 100)]
    #expect(p99 < Self.latenessBound + 2 * noise, "the neighbour was late by \(p99) ms")
    print(
      "  neighbour: \(ticks.count) ticks, p50 \(late[late.count / 2]) ms, p99 \(p99) ms, worst \(late[late.count - 1]) ms; the machine itself \(noise) ms"
    )
    return p99
  }

  private static func aboutNeighbour(_ state: Condition<State>) -> [String] {
    state.withLock { $0.events }.filter { $0.payload["script"]?.text == "neighbour.lua" }.map {
      "\($0.name) \($0.payload["reason"]?.text ?? "")"
    }
  }
}

/// A thread that wakes every 5 ms and measures how late the machine itself is.
final class Metronome: Sendable {
  private let state = Condition((isStopped: false, worst: Int64(0)))

  init() throws {
    _ = try OSThread(name: "metronome") { [state] in
      var next = Clocks.monotonic()
      while true {
        next += 5_000_000
        let stopped = state.wait(until: next) { $0.isStopped ? true : nil }
        if stopped != nil { return }
        let late = Clocks.monotonic() - next
        state.withLock { $0.worst = max($0.worst, late) }
        next += late
      }
    }
  }

  /// The worst lateness, in milliseconds.
  func stop() -> Double {
    let worst = state.withLock { state in
      state.isStopped = true
      return state.worst
    }
    state.signal()
    return Double(worst) / 1e6
  }
}

extension Arena.State {
  mutating func add(_ event: Event, at now: Int64) {
    let script = event.payload["script"]?.text ?? ""
    let kind = event.name
    if kind == "run.evicted" { evictions += 1 }
    if kind != "run.started", kind != "run.succeeded" || event.payload["job"]?.text == "attack" {
      if kind.hasPrefix("run."), kind != "run.skipped", event.payload["job"]?.text == "attack",
        ended[script] == nil
      {
        ended[script] = Arena.Ended(
          outcome: String(kind.dropFirst(4)), error: event.payload["error"]?.text ?? "", at: now)
      }
      if events.count < 1000, kind != "run.succeeded" { events.append(event) }
    }
  }
}

extension Value {
  var integer: Int64? { if case .integer(let value) = self { value } else { nil } }

  var number: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }
}
