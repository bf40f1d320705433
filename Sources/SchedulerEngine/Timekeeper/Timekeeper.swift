import JobStore
import MoonwheelModel
import SchedulerCore
import ScriptHost
import Synchronization
import SystemCalls
import Triggers
import WorkerPool

/// Drives the core: passes inputs and the time to it, and performs its effects. A thread of its own does that, or a
/// worker that steps the core inline (see ``CoreLock``).
package final class Timekeeper: Sendable {
  let inbox: Inbox
  private let coreLock: CoreLock
  let clock: any SchedulerClock
  let resolution: Resolution
  let bus: EventBus
  let pool: any TurnQueue
  let store: any JobStore
  let writer: StoreWriter?
  package let outbox = Outbox()
  /// The contents of the store when the host started.
  let stored: StoredState
  /// Records what the core is given; nil for nothing.
  let recorder: (any CoreRecorder)?
  /// How many attempts of runs have ended since the start, as far as the core knows.
  package let runCounts = Mutex(RunCounts())
  private let requests = RequestTable()
  let onHostEvent: @Sendable (HostEvent) -> Void
  let onClockStep: @Sendable (ClockStep) -> Void
  let onKept: @Sendable (KeptJobs) -> Void
  let onPing: @Sendable (Ping, ScriptPermissions) -> Void
  let onStateRequest: @Sendable (CoreSummary) -> Void
  /// Called with the core lock held: it may only compute.
  let onDrained: @Sendable () -> Void
  private let thread = Mutex<OSThread?>(nil)

  package init(
    _ environment: ScriptEnvironment, coreLock: CoreLock, resolution: Resolution,
    stored: StoredState, recorder: (any CoreRecorder)? = nil,
    onHostEvent: @escaping @Sendable (HostEvent) -> Void,
    onClockStep: @escaping @Sendable (ClockStep) -> Void,
    onKept: @escaping @Sendable (KeptJobs) -> Void = { _ in },
    onPing: @escaping @Sendable (Ping, ScriptPermissions) -> Void = { _, _ in },
    onStateRequest: @escaping @Sendable (CoreSummary) -> Void,
    onDrained: @escaping @Sendable () -> Void
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
    self.recorder = recorder
    self.onHostEvent = onHostEvent
    self.onClockStep = onClockStep
    self.onKept = onKept
    self.onPing = onPing
    self.onStateRequest = onStateRequest
    self.onDrained = onDrained
  }

  /// Makes the core, for a simulation that calls ``pump()``.
  package func prepare() { coreLock.prepare(for: self) }

  /// Steps the core of a simulation once, and makes the calls that follow.
  package func pump() -> TimekeeperLoop.Next {
    let next = coreLock.pump()
    outbox.performAll()
    return next
  }

  package func start() throws(SystemCallError) {
    try outbox.start()
    prepare()
    do {
      let thread = try OSThread(name: "mw-timekeeper") { [self] in
        CurrentThread.setTimerSlack(nanoseconds: 1)
        serve()
        coreLock.close()
      }
      self.thread.withLock { $0 = thread }
    } catch {
      coreLock.close()
      outbox.stop()
      throw error
    }
  }

  /// Steps the core until ``stop()``, on the timekeeper's thread.
  private func serve() {
    while true {
      outbox.waitForRoom()
      switch coreLock.pump() {
      case .end: return
      case .more: continue
      case .idle(let deadline): clock.sleep(until: deadline, on: inbox.alarm)
      }
    }
  }

  /// Returns when all that followed from earlier inputs is done.
  package func stop() {
    inbox.post(.stop)
    inbox.alarm.wakeThis()  // a worker may have taken the message
    thread.withLock { $0 }?.join()
    outbox.stop()
    requests.close()
  }

  /// Sends a command to a job by name. The outbox calls `answer`: once, or for an awaited run with its id and again with
  /// its end. After the stop the answer is a refusal. With `drains`, nothing starts after the run that the command starts.
  package func command(
    _ command: JobCommand, script: ScriptID, job: String, drains: Bool = false,
    answer: @escaping @Sendable (JobAnswer) -> Void
  ) {
    guard let request = requests.add(answer, isAwaited: command.isAwaited) else { return }
    let input = Inbox.Item.input(.named(script, name: job, command, request: request))
    inbox.post(drains ? [input, .input(.drain)] : [input])
  }

  /// Asks for the jobs of a script, or for one of them. The outbox calls `answer`.
  package func list(
    _ script: ScriptID, job: String?, answer: @escaping @Sendable (JobAnswer) -> Void
  ) {
    guard let request = requests.add(answer) else { return }
    inbox.post(.input(.list(script, name: job, request: request)))
  }

  /// Passes the answer to a command to its sender.
  func answer(_ request: UInt64, _ answer: JobAnswer) { requests.answer(request, answer) }

  /// Commits changes to a store without a writer, and tells the core which are durable.
  func commit(_ writes: [StoreWrite], prunes: Bool) {
    do {
      try store.commit(writes.map(\.change), isDurable: false)
      let tickets = writes.map(\.ticket).filter { $0 != 0 }
      if !tickets.isEmpty { inbox.post(.stored(tickets: tickets, failure: nil)) }
      while prunes, try store.prune(at: clock.read().wall) {}
    } catch {
      preconditionFailure("the store of a simulation refused a change: \(error)")
    }
  }
}

extension JobAnswer {
  /// The results of the script's call.
  var values: [Value] {
    switch self {
    case .done: [.bool(true)]
    case .run(let run): [.string(run.description)]
    case .status(let status): [status.value]
    case .times(let times): [.list(times.map { .number(Double($0.nanoseconds) / 1e9) })]
    case .refused(let message, let code): [.nil, .string(message), .string(code)]
    // Answers to a program alone.
    case .ended, .jobs: []
    }
  }
}

extension JobStatus {
  /// The table from which scripts read a job's `state`, `runs` and so on.
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
