import MoonwheelModel
import Triggers

/// One attempt of one run, put together from what a simulation tells of it.
public struct SimulatedRun: Sendable {
  /// The same for all attempts of a run.
  public let id: Run.ID
  public let script: String
  public let job: String
  public let scheduledAt: Timestamp
  public let startedAt: Timestamp
  /// Nil while it is under way.
  public private(set) var endedAt: Timestamp?
  /// `running`, or the last part of the event that told its end: `succeeded`, `failed`, `timed_out`, `cancelled`,
  /// `dropped`, `evicted`, `abandoned`.
  public private(set) var status = "running"
  public private(set) var result: Value?
  /// The message of the error, or the reason why it was ended.
  public private(set) var error: String?

  /// Seconds from when it was due to when it started; never negative.
  public var late: Double { Double(max(0, scheduledAt.distance(to: startedAt))) / 1e9 }

  private static let endings: Set<String> = [
    "succeeded", "failed", "timed_out", "cancelled", "dropped", "evicted", "abandoned", "skipped",
    "missed",
  ]

  /// Nil unless the entry tells a start.
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

  /// Takes what an entry about this run tells of its end; false if it tells none.
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
