import MoonwheelModel

/// Why a run has started and what it got. A fire, as most runs are, has no input.
extension RunCause {
  /// Of a run that starts now.
  init(_ item: WaitingRuns.Item, _ payload: PendingRun.Payload?) {
    switch item {
    case .fire: self.init(.fire)
    case .caughtUp: self.init(.catchup)
    case .event(let event, _): self.init(.event, by: event.source)
    case .pending(let pending):
      let pending = pending.content
      self.init(pending.kind == .promise ? .promise : .retry, by: pending.by, of: pending.of)
    }
    if let payload { input = RunInput(payload) }
  }

  /// Of a run whose start has no record.
  init(of dispatch: Dispatch, arguments: Value) {
    switch dispatch.event {
    case .event(let event): self.init(.event, by: event.source)
    case .events(let events): self.init(.event, by: events.first?.source)
    case .none, .arguments:
      self.init(.fire)
      if !arguments.isNil { input = RunInput(.arguments(arguments)) }
      return
    }
    input = RunInput(dispatch.event)
  }

  var isFireWithoutInput: Bool { kind == .fire && input == .none }
}

extension RunRecord {
  /// Of a run that has ended.
  init(_ report: borrowing RunEnd, _ clock: ClockReading) {
    let details = report.details?.content
    var result: Value = .nil
    if case .succeeded(let value) = report.outcome { result = value }
    self.init(
      run: report.run, attempt: report.attempt, job: report.key, number: report.number,
      status: report.outcome.status, scheduledAt: report.scheduledAt,
      startedAt: clock.wall(at: report.startedAt), endedAt: clock.wall(at: report.endedAt),
      processorTime: report.processorTime, peakMemory: details?.peakMemory ?? 0,
      result: result, failure: report.outcome.failure, log: details?.log ?? [],
      omittedLines: details?.omittedLines ?? 0, hold: details?.hold ?? .none)
  }
}

extension StoreState {
  /// Keeps the cause of a recorded run until its end.
  mutating func keep(_ cause: RunCause, of run: Run.ID) {
    if !cause.isFireWithoutInput { causes[run] = cause }
  }

  /// The cause of a run that ends; that of a recorded one is removed. `arguments` are those of the job.
  mutating func takeCause(of report: borrowing RunEnd, arguments: Value) -> RunCause {
    guard report.isRecorded else { return RunCause(of: report.dispatch, arguments: arguments) }
    return causes.isEmpty ? .fire : causes.removeValue(forKey: report.run) ?? .fire
  }
}
