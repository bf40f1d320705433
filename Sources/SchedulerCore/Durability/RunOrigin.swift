import MoonwheelModel

/// Why a run has started and what it got, as the history keeps it. A fire without arguments needs none.
struct RunOrigin {
  var cause: RunCause
  var input: RunInput

  /// Of a run that starts now; nil for a fire without arguments.
  init?(_ item: WaitingRuns.Item, _ payload: PendingRun.Payload?) {
    switch item {
    case .fire:
      guard payload != nil else { return nil }
      cause = .fire
    case .caughtUp: cause = RunCause(.catchup)
    case .event(let event, _): cause = RunCause(.event, by: event.source)
    case .pending(let pending): cause = RunCause(of: pending.content)
    }
    input = payload.map { RunInput($0) } ?? .none
  }

  /// Of a run whose start has no record; nil for a fire without arguments.
  init?(of dispatch: Dispatch, arguments: @autoclosure () -> Value) {
    switch dispatch.event {
    case .event(let event): cause = RunCause(.event, by: event.source)
    case .events(let events): cause = RunCause(.event, by: events.first?.source)
    case .none, .arguments:
      let arguments = arguments()
      guard !arguments.isNil else { return nil }
      (cause, input) = (.fire, RunInput(.arguments(arguments)))
      return
    }
    input = RunInput(dispatch.event)
  }
}

extension RunCause {
  fileprivate init(of pending: PendingRun) {
    self.init(pending.kind == .promise ? .promise : .retry, by: pending.by, of: pending.of)
  }
}

extension RunRecord {
  mutating func setOrigin(_ origin: RunOrigin?, _ version: SourceVersion?) {
    cause = origin?.cause ?? .fire
    input = origin?.input ?? .none
    self.version = version
  }
}
