import MoonwheelCore
import Triggers

/// What a simulation's thread has: the clock, the store, and the host while it is up.
final class SimulatedWorld {
  /// What happens to the host, at a wall time.
  enum Mishap {
    case outage(nanoseconds: Int64)
    case clockStep(nanoseconds: Int64)
  }

  let clock: VirtualClock
  private var configuration: Configuration
  private let turns: SimulatedTurns
  private let store = SimulatedStore()
  private let recorder: TraceRecorder
  private let onReport: @Sendable (RunReport) -> Void
  private let functions: [HostFunction]
  private(set) var host: SimulatedHost?
  /// By wall time.
  private var plan: [(at: Timestamp, Mishap)] = []
  /// Elapsed time at which the outage under way ends.
  private var outageEnd: Int64?
  /// Told at each jump of the clock.
  var onJump: ((Timestamp) -> Void)?

  init(
    _ configuration: Configuration, from start: Timestamp, functions: [HostFunction],
    trace: @escaping @Sendable (TraceEntry) -> Void,
    onReport: @escaping @Sendable (RunReport) -> Void
  ) throws {
    var configuration = configuration
    configuration.watches = false
    configuration.seed = configuration.seed ?? 1
    self.configuration = configuration
    self.functions = functions
    self.onReport = onReport
    clock = VirtualClock(wall: start)
    turns = try SimulatedTurns(configuration)
    recorder = TraceRecorder(clock: clock, deliver: trace)
    try boot()
  }

  /// Loads the scripts and starts. Those that do not load are told by events.
  func start() throws {
    try host?.start()
  }

  private func boot() throws {
    host = try SimulatedHost(
      configuration, clock: clock, turns: turns, store: store, functions: functions,
      recorder: recorder, onReport: onReport)
  }

  func end() {
    host?.stop()
    host = nil
    turns.queue.stop()
  }

  // MARK: Time

  func schedule(_ mishap: Mishap, at time: Timestamp) {
    let place = plan.firstIndex { $0.at > time } ?? plan.count
    plan.insert((time, mishap), at: place)
  }

  /// Lets time go on to an elapsed time, inclusive, from one instant at which something is due to the next.
  func run(to end: Int64) throws {
    host?.settle()
    while true {
      let now = clock.read().elapsed
      let mishap = plan.first.map { max(now, clock.elapsed(at: $0.at)) }
      let due = [mishap, outageEnd, host?.nextDue].compactMap { $0 }.min() ?? .max
      guard due <= end else { break }
      clock.advance(to: due)
      onJump?(clock.read().wall)
      if let outageEnd, due >= outageEnd { try comeBack() }
      if mishap == due { try suffer(plan.removeFirst().1) }
      turns.wake(at: due)
      host?.settle()
    }
    clock.advance(to: end)
    onJump?(clock.read().wall)
    host?.settle()
  }

  private func suffer(_ mishap: Mishap) throws {
    switch mishap {
    case .clockStep(let nanoseconds): clock.stepWall(by: nanoseconds)
    case .outage(let nanoseconds):
      let end = clock.read().elapsed + nanoseconds
      if outageEnd == nil {
        host?.stop()
        host = nil
        recorder.record("outage.began")
      }
      outageEnd = max(outageEnd ?? 0, end)
    }
  }

  private func comeBack() throws {
    outageEnd = nil
    recorder.record("outage.ended")
    try boot()
    try host?.start()
  }

  /// What scripts that are given as text are when they are loaded again.
  func replace(_ name: String, by text: String) throws {
    if let index = configuration.texts.firstIndex(where: { $0.name == name }) {
      configuration.texts[index].source = text
    }
    host?.catalog.replace(name, by: text)
    host?.settle()
  }
}
