import LuaRuntime
import MoonwheelModel
import SchedulerCore

/// Data that come with runs: promises, results, errors, `run.state` and logs.
extension ScriptMemory {
  /// A command with the memory that the core needs to keep it; nil without room.
  func held(_ command: JobCommand, by run: Run.ID?, of caller: ScriptIsolate) -> JobCommand? {
    guard case .addPendingRun(let new) = command else { return command }
    let (payload, time) = (new.content.payload, new.content.time)
    return hold(Self.promise + payload.footprint, caller.isolate).map {
      .enqueue(payload, at: time, by: caller.name, of: run, hold: $0)
    }
  }

  /// The end of a run with the memory for what it leaves: where there is none, the run has failed, or an error loses what
  /// is more than its message.
  func hold(
    _ outcome: inout Run.Outcome, _ state: inout Value?, _ isolate: Isolate?
  ) -> (outcome: MemoryHold, state: MemoryHold) {
    if case .succeeded(.nil) = outcome, state == nil { return (.none, .none) }
    let stateBytes = state?.footprint ?? 0
    guard stateBytes == 0 || hasRoom(for: stateBytes, isolate) else {
      return (fail("run.state", &outcome, &state), .none)
    }
    let stateHold = script.hold(stateBytes)
    switch outcome {
    case .succeeded(let result):
      let bytes = result.footprint
      if bytes == 0 || hasRoom(for: bytes, isolate) { return (script.hold(bytes), stateHold) }
      return (fail("its result", &outcome, &state), .none)
    case .cancelledJob, .declined, .misfired: return (.none, stateHold)
    case .failed, .timedOut, .cancelled, .dropped, .evicted, .abandoned:
      return (hold(failureOf: &outcome, isolate), stateHold)
    }
  }

  private func fail(
    _ what: String, _ outcome: inout Run.Outcome, _ state: inout Value?
  ) -> MemoryHold {
    outcome = .failed(RunFailure(message: "not enough memory to keep \(what)"))
    state = nil
    return .none
  }

  private func hold(failureOf outcome: inout Run.Outcome, _ isolate: Isolate?) -> MemoryHold {
    guard var failure = outcome.failure else { return .none }
    if !hasRoom(for: failure.footprint, isolate) {
      failure.message = String(failure.message.prefix(200))
      failure.traceback = ""
      failure.data = .nil
    }
    let hold = script.hold(failure.footprint)
    failure.hold = hold
    outcome.replaceFailure(failure)
    return hold
  }

  /// Whether the log of a run may grow to so many bytes. Memory is taken by the piece, for few calls.
  func mayLog(_ bytes: Int, _ run: LiveRunDetails, _ isolate: Isolate?) -> Bool {
    guard bytes > run.heldLog else { return true }
    guard let hold = hold(Self.logPiece, isolate) else { return false }
    run.logHold = MemoryHold([run.logHold, hold])
    run.heldLog += Self.logPiece
    return true
  }

  private static let logPiece = 4 << 10
}

extension RunFailure {
  fileprivate var footprint: Int {
    Value.footprint(of: message) + Value.footprint(of: traceback) + data.footprint
  }
}

extension Run.Outcome {
  fileprivate mutating func replaceFailure(_ failure: RunFailure) {
    switch self {
    case .failed: self = .failed(failure)
    case .timedOut: self = .timedOut(failure)
    case .cancelled: self = .cancelled(failure)
    case .dropped: self = .dropped(failure)
    case .evicted: self = .evicted(failure)
    case .abandoned: self = .abandoned(failure)
    case .succeeded, .cancelledJob, .declined, .misfired: break
    }
  }
}
