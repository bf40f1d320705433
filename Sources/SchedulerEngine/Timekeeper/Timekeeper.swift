import JobStore
import MoonwheelModel
import SchedulerCore
import ScriptHost
import Synchronization
import SystemCalls
import Triggers
import WorkerPool

/// Who owns the core and the wheel: takes inputs and the time, and performs the effects. A thread of its own, or a worker
/// that stands in for it, so that what a run leads to needs no hand-over to another thread.
package final class Timekeeper: Sendable {
  let inbox: Inbox
  private let coreLock: CoreLock
  let clock: any SchedulerClock
  let resolution: Resolution
  let bus: EventBus
  let pool: any TurnQueue
  let store: any JobStore
  let writer: StoreWriter?
  /// What the store had when the host started.
  let stored: StoredState
  /// Whether workers take the next event of a handler themselves.
  let makeLease: (@Sendable () -> any EventLease)?
  private let requests = Mutex<[UInt64: @Sendable (JobAnswer) -> Void]>([:])
  private let nextRequest = Atomic<UInt64>(1)
  let onHostEvent: @Sendable (HostEvent) -> Void
  let onClockStep: @Sendable (ClockStep) -> Void
  let onStateRequest: @Sendable (CoreSummary) -> Void
  let onDrained: @Sendable () -> Void
  private let thread = Mutex<OSThread?>(nil)

  package init(
    _ environment: ScriptEnvironment, coreLock: CoreLock, resolution: Resolution, stored: StoredState,
    makeLease: (@Sendable () -> any EventLease)?,
    onHostEvent: @escaping @Sendable (HostEvent) -> Void,
    onClockStep: @escaping @Sendable (ClockStep) -> Void,
    onStateRequest: @escaping @Sendable (CoreSummary) -> Void, onDrained: @escaping @Sendable () -> Void
  ) {
    clock = environment.clock
    self.resolution = resolution
    inbox = environment.inbox
    self.coreLock = coreLock
    bus = environment.bus
    pool = environment.pool
    store = environment.store
    writer = environment.writer
    self.stored = stored
    self.makeLease = makeLease
    self.onHostEvent = onHostEvent
    self.onClockStep = onClockStep
    self.onStateRequest = onStateRequest
    self.onDrained = onDrained
  }

  package func start() throws(SystemCallError) {
    coreLock.prepare(for: self)
    do {
      let thread = try OSThread(name: "mw-timekeeper") { [self] in
        CurrentThread.setTimerSlack(nanoseconds: 1)
        serve()
        coreLock.close()
      }
      self.thread.withLock { $0 = thread }
    } catch {
      coreLock.close()
      throw error
    }
  }

  /// Serves until it is told to stop; on its thread.
  private func serve() {
    while true {
      switch coreLock.serve() {
      case .over: return
      case .more: continue
      case .sleep(let deadline): clock.sleep(until: deadline, on: inbox.alarm)
      }
    }
  }

  package func stop() {
    inbox.post(.stop)
    inbox.alarm.wakeThis()  // a worker may take the message
    thread.withLock { $0 }?.join()
  }

  /// Sends a command to a job by name; the answer comes from who is in the timekeeper's seat. With `drains` nothing but what the
  /// command starts will start.
  package func command(
    _ command: JobCommand, script: ScriptID, job: String, drains: Bool = false,
    answer: @escaping @Sendable (JobAnswer) -> Void
  ) {
    let request = nextRequest.wrappingAdd(1, ordering: .relaxed).oldValue
    requests.withLock { $0[request] = answer }
    let input = Inbox.Item.input(.named(script, name: job, command, request: request))
    inbox.post(drains ? [input, .input(.drain)] : [input])
  }

  /// Tells the answer to a command; from the timekeeper's seat.
  func answer(_ request: UInt64, _ answer: JobAnswer) {
    requests.withLock { $0.removeValue(forKey: request) }?(answer)
  }
}

/// How close together wake-ups may be: those within one length come together at its end.
package struct Resolution: Sendable {
  /// In nanoseconds; 0 is each by itself.
  let length: Int64

  package init(seconds: Double) { length = Int64(max(0, min(seconds, 1)) * 1e9) }

  /// The first whole multiple that is not before an elapsed time.
  func up(_ elapsed: Int64) -> Int64 {
    guard length > 0, elapsed > 0 else { return elapsed }
    let (sum, overflow) = elapsed.addingReportingOverflow(length - 1)
    return overflow ? elapsed : sum / length * length
  }
}

extension JobAnswer {
  /// What the script's call returns.
  var values: [Value] {
    switch self {
    case .done: [.bool(true)]
    case .run(let run): [.string(run.description)]
    case .status(let status): [status.value]
    case .times(let times): [.list(times.map { .number(Double($0.nanoseconds) / 1e9) })]
    case .refused(let message, let code): [.nil, .string(message), .string(code)]
    }
  }
}

extension JobStatus {
  var value: Value {
    [
      "state": .string(state.rawValue), "runs": .integer(runs), "running": .integer(Int64(running)),
      "waiting": .integer(Int64(waiting)),
      "next": next.map { .number(Double($0.nanoseconds) / 1e9) } ?? .nil,
      "last": lastStarted.map { .number(Double($0.nanoseconds) / 1e9) } ?? .nil,
      "reason": reason.map { .string($0) } ?? .nil,
    ]
  }
}
