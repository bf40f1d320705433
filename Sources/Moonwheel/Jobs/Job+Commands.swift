import MoonwheelModel
import SchedulerCore
import ScriptHost
import Synchronization
import Triggers

extension Job {
  /// Promises a run of the job: it starts as soon as the job's `overlap` lets it, whatever its trigger says, and at least
  /// once, also after a crash if the store is a file. Returns when the promise is in the store.
  ///
  /// - Parameters:
  ///   - arguments: what the callback gets in place of the job's own arguments.
  ///   - delay: starts the run so much later.
  /// - Throws: ``JobError``, e.g. if the job was cancelled or is gone.
  @discardableResult
  public func trigger(
    _ arguments: Value = .nil, after delay: Duration = .zero
  ) async throws(JobError) -> TriggeredRun {
    try await trigger(
      arguments, delay <= .zero ? .now : .after(delay.clampedNanoseconds))
  }

  /// Promises a run as ``trigger(_:after:)`` does, which starts at an instant, or now if that has passed.
  @discardableResult
  public func trigger(
    _ arguments: Value = .nil, at instant: Timestamp
  ) async throws(JobError) -> TriggeredRun {
    try await trigger(arguments, .at(instant))
  }

  private func trigger(_ arguments: Value, _ time: EnqueueTime) async throws(JobError)
    -> TriggeredRun
  {
    guard scheduler.accepts(arguments) else {
      throw JobError(
        .tooLarge,
        "job \"\(name)\": its arguments are larger than \(scheduler.environment.configuration.limits.messageBytes) bytes"
      )
    }
    let size = ScriptMemory.promise + arguments.footprint
    let hold = scheduler.environment.account(ofScript: script).hold(size)
    let ending = TriggeredRun.Ending()
    let command = JobCommand.enqueue(
      arguments.isNil ? .none : .arguments(arguments), at: time, by: "program",
      isAwaited: true, hold: hold)
    let answer = try await send(command, then: { ending.end($0) })
    guard case .run(let id) = answer else { throw Scheduler.notRunning }
    return TriggeredRun(id: id, job: self, ending: ending)
  }

  /// Pauses the job: it does not fire, and its promised runs wait. The pause outlives reloads and, with a durable store,
  /// restarts. No effect on a job that is not active. Returns when the pause is in the store.
  public func pause(reason: String? = nil) async throws(JobError) {
    _ = try await send(.pause(reason: reason))
  }

  /// Resumes a job that was paused or cancelled. Returns when that is in the store.
  public func resume() async throws(JobError) { _ = try await send(.resume) }

  /// Ends the job: interrupts its runs under way, ends its promised runs, and fires no more until it is resumed or its
  /// trigger changes. Returns when that is in the store; the runs may still take until their interrupt.
  public func cancel(reason: String? = nil) async throws(JobError) {
    _ = try await send(.cancel(by: nil, reason: reason))
  }

  /// Ends one run of the job: interrupts it if it is under way, and lets it not start if it is pending. It is not tried
  /// again. No effect on a run that has ended. Returns at once; the interrupt takes some milliseconds.
  public func cancel(_ run: Run.ID, reason: String = "the program cancelled it")
    async throws(JobError)
  {
    _ = try await send(.cancelRun(run, reason: reason))
  }

  /// Sends a command to the job, and returns the first answer. `then` gets the second one.
  func send(
    _ command: JobCommand, then: (@Sendable (JobAnswer) -> Void)? = nil
  ) async throws(JobError) -> JobAnswer {
    try await scheduler.waitUntilServing()
    guard let id = scheduler.catalog.script(named: script) else {
      throw JobError(.unknown, "job \"\(name)\": no script \"\(script)\" is served any more")
    }
    let answer = await withCheckedContinuation { continuation in
      let box = FirstAnswer(continuation, then)
      scheduler.timekeeper.command(command, script: id, job: name) { box.take($0) }
    }
    guard case .refused(let why, let code) = answer else { return answer }
    throw JobError(why, coreCode: code, job: name)
  }
}

/// Passes the first answer to whoever waits, and later ones on.
private final class FirstAnswer: Sendable {
  private let continuation: Mutex<CheckedContinuation<JobAnswer, Never>?>
  private let then: (@Sendable (JobAnswer) -> Void)?

  init(
    _ continuation: CheckedContinuation<JobAnswer, Never>, _ then: (@Sendable (JobAnswer) -> Void)?
  ) {
    self.continuation = Mutex(continuation)
    self.then = then
  }

  func take(_ answer: JobAnswer) {
    let first = continuation.withLock { continuation in
      defer { continuation = nil }
      return continuation
    }
    if let first { first.resume(returning: answer) } else { then?(answer) }
  }
}
