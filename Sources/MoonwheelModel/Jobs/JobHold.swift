import Triggers

/// Why a job of a script does not run, although its text says that it should: somebody has paused or cancelled it. That
/// outlives edits and restarts.
public struct JobHold: Sendable, Hashable {
  /// `paused` or `cancelled`.
  public var state: JobStatus.State
  /// The time from which the job is held, or of a later edit of its window.
  public var since: Timestamp
  public var reason: String?

  public init(state: JobStatus.State, since: Timestamp, reason: String?) {
    self.state = state
    self.since = since
    self.reason = reason
  }

  /// The reasons of a job that was cancelled without one.
  package static let cancelledByCall = "by a call of cancel"
  package static let cancelledByRun = "its run returned cancel"
  /// The reason of a job that is paused by its option.
  package static let pausedOption = "by its option paused"
  /// The stored reason of a job that is paused only because its script is.
  package static let pausedScript = "its script is paused"

  /// True if the script's own code ended the job, as it is written.
  package var isOwnEnd: Bool { state == .cancelled && reason == Self.cancelledByRun }

  /// `it is cancelled since 2026-11-30T13:00:00+00:00: by a call of cancel`.
  package func words(in zone: Zone) -> String {
    "it is \(state.rawValue) since \(since.iso(in: zone))" + (reason.map { ": \($0)" } ?? "")
  }

  /// How to let a job run again.
  package static func remedy(for job: String) -> String {
    let quoted = job.reduce(into: "") { $0 += $1 == "\"" || $1 == "\\" ? "\\\($1)" : "\($1)" }
    return
      "that outlives edits and restarts. To let it run again, call jobs[\"\(quoted)\"]:resume() in a callback of its script; another trigger in the script does it too"
  }
}

extension StoredJob {
  /// How a script with this job and trigger finds it; nil if it is not held. A pause by the option `paused` holds nothing
  /// back that the script does not say.
  package func hold(ifTriggerIs identity: String) -> JobHold? {
    guard trigger == identity else { return nil }
    switch state {
    case .active, .finished: return nil
    case .paused where hasPausedOption == true || reason == JobHold.pausedScript: return nil
    case .paused, .cancelled: return JobHold(state: state, since: since, reason: reason)
    }
  }
}
