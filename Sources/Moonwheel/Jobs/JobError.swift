/// Why a running scheduler does not do what it was asked.
public struct JobError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kind of a ``JobError``.
  public enum Code: String, Sendable {
    /// No script that is served has such a job.
    case unknown
    /// Several scripts have a job of that name.
    case ambiguous
    /// 10,000 runs of the job are pending.
    case full
    /// The job was cancelled, so it runs no more; ``Job/resume()`` takes that back.
    case cancelled
    /// The scheduler stops, or has stopped; or it was to start a second time.
    case notRunning
    /// The arguments are larger than a message may be: ``IsolateLimits/messageBytes``.
    case tooLarge
    /// The store failed. The command holds until the process ends, except for a promised run, which is refused.
    case store
  }

  public let code: Code
  /// Says what was asked and what to do.
  public let description: String

  init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }

  /// From the refusal of the core, whose codes are those of the Lua API, and those of stores.
  init(_ why: String, coreCode: String, job: String) {
    let code: Code =
      switch coreCode {
      case "gone": .unknown
      case "full": .full
      case "cancelled": .cancelled
      case "stopping", "stopped": .notRunning
      default: .store
      }
    self.init(code, "job \"\(job)\": \(why)")
  }
}
