import MoonwheelModel

extension HostEvent {
  package func payload(script: String) -> Value {
    var fields: [Value: Value] = ["script": .string(script)]
    if !job.isEmpty { fields["job"] = .string(job) }
    if let run { fields["run"] = .string(run.description) }
    if let scheduledAt {
      let key: Value = kind == .jobHeld ? "since" : "scheduled_at"
      fields[key] = .number(Double(scheduledAt.nanoseconds) / 1e9)
    }
    if count != 1 { fields["count"] = .integer(count) }
    if let status { fields["status"] = .string(status) }
    if let attempt {
      fields["attempt"] = .integer(Int64(attempt.number))
      fields["final"] = .bool(attempt.isFinal)
    }
    if let reason { fields["reason"] = .string(reason) }
    if let denial = denial?.content {
      fields["permission"] = .string(denial.permission)
      fields["wanted"] = .string(denial.wanted)
      if let at = denial.at { fields["at"] = .string(at) }
    }
    if let failure {
      fields["error"] = .string(failure.message)
      if !failure.data.isNil { fields["data"] = failure.data }
    }
    return .table(fields)
  }
}
