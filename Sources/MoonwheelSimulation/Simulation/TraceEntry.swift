import MoonwheelModel
import Triggers

/// One thing that happened in a simulation.
public struct TraceEntry: Sendable {
  /// Wall time.
  public var time: Timestamp
  /// The name of a host event (`run.started`, `job.added`, `script.failed`), `emit` for an event of a script, `log` for
  /// a line that a script logged, `ping` for one that a host would have sent, or `outage.began` or `outage.ended`.
  public var event: String
  /// The name of the script that the entry is about; nil if it is not about one.
  public var script: String?
  public var job: String?
  public var run: Run.ID?
  /// The nominal instant of the run.
  public var scheduledAt: Timestamp?
  public var reason: String?
  /// The other properties of the event, in a fixed order: `status`, `attempt`, `final`, `count`, `permission`, `wanted`, `at`, `error`, `result`, `level`, `message`, `fields`,
  /// `name`, `payload`, `url`.
  public var details: [Detail] = []

  public struct Detail: Sendable, Hashable {
    public var key: String
    public var value: Value

    public init(_ key: String, _ value: Value) {
      self.key = key
      self.value = value
    }
  }

  public init(time: Timestamp, event: String, script: String? = nil, job: String? = nil) {
    self.time = time
    self.event = event
    self.script = script
    self.job = job
  }

  /// The detail of a key; nil if there is none.
  public subscript(_ key: String) -> Value? { details.first { $0.key == key }?.value }
}

extension TraceEntry {
  init(_ event: HostEvent, script: String, result: Value?, at time: Timestamp) {
    self.init(time: time, event: event.kind.name, script: script, job: event.job)
    run = event.run
    scheduledAt = event.scheduledAt
    reason = event.reason
    if let status = event.status { details.append(Detail("status", .string(status))) }
    if let attempt = event.attempt {
      details.append(Detail("attempt", .integer(Int64(attempt.number))))
      details.append(Detail("final", .bool(attempt.isFinal)))
    }
    if event.count != 1 { details.append(Detail("count", .integer(event.count))) }
    if let denial = event.denial?.content {
      details.append(Detail("permission", .string(denial.permission)))
      details.append(Detail("wanted", .string(denial.wanted)))
      if let at = denial.at { details.append(Detail("at", .string(at))) }
    }
    if let failure = event.failure { details.append(Detail("error", .string(failure.message))) }
    if let result { details.append(Detail("result", result)) }
  }

  /// An event of a script, or an event of the host that is not about a job or a run.
  init(_ event: Event, at time: Timestamp) {
    guard event.source == "host" else {
      self.init(time: time, event: "emit", script: event.source)
      details.append(Detail("name", .string(event.name)))
      if !event.payload.isNil { details.append(Detail("payload", event.payload)) }
      return
    }
    self.init(time: time, event: event.name, script: event.payload["script"]?.text)
    reason = event.payload["reason"]?.text
    for key in ["by", "jobs", "error", "key", "version", "deleted", "expired"] {
      if let value = event.payload[key] { details.append(Detail(key, value)) }
    }
  }
}
