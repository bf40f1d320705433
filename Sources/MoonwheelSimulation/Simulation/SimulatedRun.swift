import MoonwheelModel
import Triggers

/// One attempt of one run, read from the entries of a trace.
public struct SimulatedRun: Sendable {
  /// All attempts of a run have the same id.
  public let id: Run.ID
  public let script: String
  public let job: String
  public let scheduledAt: Timestamp
  public let startedAt: Timestamp
  /// Nil while it is under way.
  public private(set) var endedAt: Timestamp?
  /// `running`, or the last part of the name of the event at its end: `succeeded`, `failed`, `timed_out`, `cancelled`,
  /// `dropped`, `evicted`, `abandoned`.
  public private(set) var status = "running"
  public private(set) var result: Value?
  /// The message of the error, or the reason why the host ended the run.
  public private(set) var error: String?

  /// Seconds from the nominal instant to the start; never negative.
  public var late: Double { Double(max(0, scheduledAt.distance(to: startedAt))) / 1e9 }

  private static let endings: Set<String> = [
    "succeeded", "failed", "timed_out", "cancelled", "dropped", "evicted", "abandoned", "skipped",
    "missed",
  ]

  /// Nil unless the entry is the start of a run.
  public init?(startedBy entry: TraceEntry) {
    guard entry.event == "run.started", let run = entry.run, let script = entry.script,
      let job = entry.job
    else { return nil }
    id = run
    self.script = script
    self.job = job
    scheduledAt = entry.scheduledAt ?? entry.time
    startedAt = entry.time
  }

  /// Takes the end of the run from an entry; false if the entry is not this run's end.
  public mutating func end(by entry: TraceEntry) -> Bool {
    let kind = String(entry.event.dropFirst("run.".count))
    guard entry.run == id, entry.event.hasPrefix("run."), Self.endings.contains(kind) else {
      return false
    }
    endedAt = entry.time
    status = kind
    result = entry["result"]
    error = entry["error"]?.text ?? entry.reason
    return true
  }
}
