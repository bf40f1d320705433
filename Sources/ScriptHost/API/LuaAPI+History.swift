import JobStore
import LuaRuntime
import MoonwheelModel
import Triggers

extension LuaAPI {
  /// `history` and `explain` of a handle. The prelude asks for the job's status first: then the core writes its
  /// summaries to the store.
  static let history: [HostFunction] = [
    function("job_history", ["job", "count"], mayPark: true) { (call) throws(Mistake) in
      let limit = try count(call[1], "history")
      return try query(call) { (store, query) throws(StoreError) in
        var query = query
        query.limit = limit
        return .list(try store.runs(query).map(\.value))
      }
    },
    function("job_explain", ["job", "status"], mayPark: true) { (call) throws(Mistake) in
      let (status, zone) = (call[1], call.isolate.environment.zone)
      return try query(call) { (store, query) throws(StoreError) in
        var query = query
        query.limit = decisionLimit
        let decisions = try store.decisions(query)
        query.limit = 1
        let last = try store.runs(query).first
        return Explanation(
          name: query.name ?? "", status: status, last: last, decisions: decisions, zone: zone
        ).value
      }
    },
  ]

  private static let decisionLimit = 20

  /// Reads the store for the job of a handle. Parks the run until the answer.
  private static func query(
    _ call: HostCall,
    _ read: @escaping @Sendable (any JobStore, RunQuery) throws(StoreError) -> Value
  ) throws(Mistake) -> HostReply {
    let isolate = call.isolate
    guard let entry = isolate.registry[try handle(call)] else {
      return .refuse("no such job", code: "gone")
    }
    let query = RunQuery(script: isolate.name, name: entry.name)
    let account = isolate.memory.account
    let park = isolate.park(call.coroutine, until: nil)
    isolate.environment.query(park, in: isolate) { (store) throws(StoreError) in
      var query = query
      query.bytes = account.room(beside: account.states) / 2
      return try read(store, query)
    }
    return .park
  }
}

/// Why a job did or did not run, as a value for the script that includes a text.
private struct Explanation {
  var name: String
  /// The job's status from the core.
  var status: Value
  var last: RunRecord?
  /// Newest first.
  var decisions: [Decision]
  var zone: Zone

  var value: Value {
    [
      "state": status["state"] ?? .nil, "reason": status["reason"] ?? .nil,
      "next_run": status["next"] ?? .nil, "last_run": last?.value ?? .nil,
      "decisions": .list(decisions.map(\.value)), "text": .string(text),
    ]
  }

  private var text: String {
    var lines = ["\(name): \(state)"]
    if let last {
      let failure = last.failure.map { ": \($0.message)" } ?? ""
      lines.append(
        "\(time(last.scheduledAt)) ran: \(last.status.rawValue)\(failure) (run \(last.run))")
    }
    for decision in decisions {
      let times = decision.count == 1 ? "" : " \(decision.count) times"
      let span = decision.count == 1 ? "" : " to \(time(decision.through))"
      let run = decision.run.map { " (run \($0))" } ?? ""
      lines.append(
        "\(time(decision.from))\(span) \(decision.kind.rawValue)\(times): \(decision.reason)\(run)")
    }
    return lines.joined(separator: "\n")
  }

  private var state: String {
    let state = status["state"]?.text ?? "unknown"
    let reason = status["reason"]?.text.map { " (\($0))" } ?? ""
    let next = status["next"]?.double.map {
      ", next \(time(Timestamp(nanoseconds: Int64(saturating: ($0 * 1e9).rounded()))))"
    }
    return state + reason + (next ?? "")
  }

  private func time(_ instant: Timestamp) -> String { instant.iso(in: zone) }
}

extension Int64 {
  /// Nanoseconds, converted to seconds.
  fileprivate var seconds: Value { .number(Double(self) / 1e9) }
}

// A field that is nil is missing in Lua.

extension RunRecord {
  /// Times and durations in seconds.
  fileprivate var value: Value {
    let traceback = failure?.traceback ?? ""
    return [
      "id": .string(run.description), "attempt": .integer(Int64(attempt)), "n": .integer(number),
      "status": .string(status.rawValue), "scheduled_at": scheduledAt.luaValue,
      "started_at": startedAt.luaValue, "ended_at": endedAt?.luaValue ?? .nil,
      "late": lateness.seconds, "duration": duration?.seconds ?? .nil,
      "processor_time": processorTime.seconds,
      "peak_memory": peakMemory > 0 ? .integer(peakMemory) : .nil, "result": result,
      "error": failure.map { .string($0.message) } ?? .nil,
      "traceback": traceback.isEmpty ? .nil : .string(traceback), "data": failure?.data ?? .nil,
      "log": log.isEmpty ? .nil : .list(log.map(\.value)),
      "omitted_lines": omittedLines > 0 ? .integer(Int64(omittedLines)) : .nil,
    ]
  }
}

extension LogLine {
  fileprivate var value: Value {
    [
      "at": at.luaValue, "level": .string(level), "message": .string(message),
      "fields": fields ?? .nil,
    ]
  }
}

extension Decision {
  fileprivate var value: Value {
    [
      "kind": .string(kind.rawValue), "from": from.luaValue, "through": through.luaValue,
      "count": .integer(count), "reason": .string(reason),
      "run": run.map { .string($0.description) } ?? .nil,
    ]
  }
}
