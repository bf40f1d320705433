import MoonwheelModel
import Triggers

/// Binds the types of the model to commands and reads them from rows: all columns, in the order of the tables.

extension Command {
  func bind(_ instant: Timestamp) { bind(instant.nanoseconds) }
  func bind(_ instant: Timestamp?) { bind(instant?.nanoseconds) }
  func bind(_ key: StoreKey) { bind(key.rawValue) }
  func bind(_ run: Run.ID) { bind(Int64(bitPattern: run.rawValue)) }

  /// Binds nil as NULL.
  func bind(_ value: Value) { bind(value.isNil ? nil : value.encoded) }

  func bind(_ job: StoredJob) {
    bind(job.key)
    bind(job.script)
    bind(job.name)
    bind(job.isNamed ? 1 : 0)
    bind(job.trigger)
    bind(job.anchor)
    bind(job.registered)
    let instants = job.instants.map { Value.integer($0.nanoseconds) }
    bind(instants.isEmpty ? nil : Value.list(instants).encoded)
    bind(job.due)
    bind(job.fires)
    bind(job.runs)
    bind(job.lastStarted)
    bind(job.state.rawValue)
    bind(job.reason)
    bind(job.history)
    bind(job.failures)
    bind(job.orphanedAt)
    bind(job.since)
    bind(job.timing)
    bind(job.hasPausedOption.map { $0 ? 1 : 0 })
    bind(job.from)
    bind(job.till)
  }

  func bind(_ pending: PendingRun) {
    bind(pending.run)
    bind(pending.job)
    bind(pending.kind.rawValue)
    bind(pending.status.rawValue)
    bind(pending.attempt)
    bind(pending.scheduledAt)
    bind(pending.dueAt)
    bind(pending.crashes)
    switch pending.payload {
    case .none:
      bind(Value.nil)
      bind(Value.nil)
    case .arguments(let value):
      bind(value.encoded)
      bind(Value.nil)
    case .event(let event):
      bind(Value.nil)
      bind(event.stored.encoded)
    case .events(let events):
      bind(Value.nil)
      bind(Value.list(events.map(\.stored)).encoded)
    }
    bind(pending.isRelative ? 1 : 0)
  }

  func bind(_ record: RunRecord) {
    bind(record.run)
    bind(record.attempt)
    bind(record.job)
    bind(record.number)
    bind(record.status.rawValue)
    bind(record.scheduledAt)
    bind(record.startedAt)
    bind(record.endedAt)
    bind(record.processorTime)
    bind(record.peakMemory)
    bind(record.omittedLines)
    bind(record.result)
    bind(record.failure?.message)
    bind(record.failure?.traceback)
    bind(record.failure?.data ?? .nil)
    bind(record.log.isEmpty ? nil : Value.list(record.log.map(\.stored)).encoded)
  }

  func bind(_ summary: RunSummary) {
    bind(summary.job)
    bind(summary.from)
    bind(summary.through)
    bind(summary.count)
    bind(summary.totalDuration)
    bind(summary.longestDuration)
    bind(summary.totalLateness)
    bind(summary.longestLateness)
    bind(summary.processorTime)
  }

  func bind(_ decision: Decision) {
    bind(decision.id.rawValue)
    bind(decision.job)
    bind(decision.kind.rawValue)
    bind(decision.from)
    bind(decision.through)
    bind(decision.count)
    bind(decision.decidedAt)
    bind(decision.reason)
    if let run = decision.run { bind(run) } else { bind(Value.nil) }
  }
}

extension Command.Row {
  func instant(_ column: Int32) -> Timestamp { Timestamp(nanoseconds: integer(column)) }

  func optionalInstant(_ column: Int32) -> Timestamp? {
    optionalInteger(column).map { Timestamp(nanoseconds: $0) }
  }

  func key(_ column: Int32) -> StoreKey { StoreKey(rawValue: integer(column)) }
  func run(_ column: Int32) -> Run.ID { Run.ID(rawValue: UInt64(bitPattern: integer(column))) }

  func value(_ column: Int32) throws -> Value {
    guard let bytes = optionalBytes(column) else { return .nil }
    return try decoded(Value(encoded: bytes), "a value")
  }

  private func textCase<Case: RawRepresentable<String>>(_ column: Int32) throws -> Case {
    try decoded(Case(rawValue: text(column)), "a name")
  }

  private func numberCase<Case: RawRepresentable<UInt8>>(_ column: Int32) throws -> Case {
    try decoded(UInt8(exactly: integer(column)).flatMap(Case.init), "a number")
  }

  private func decoded<Result>(_ result: Result?, _ kind: String) throws -> Result {
    guard let result else { throw SQLiteFailure(corrupt: "\(kind) cannot be read") }
    return result
  }

  func job() throws -> StoredJob {
    let instants = try value(7)
    return StoredJob(
      key: key(0), script: text(1), name: text(2), isNamed: integer(3) != 0, trigger: text(4),
      anchor: instant(5), registered: instant(6), since: instant(17), timing: optionalText(18),
      hasPausedOption: optionalInteger(19).map { $0 != 0 }, from: optionalInstant(20),
      till: optionalInstant(21),
      instants: instants.elements.compactMap(\.int).map { Timestamp(nanoseconds: $0) },
      due: optionalInstant(8), fires: integer(9), runs: integer(10),
      lastStarted: optionalInstant(11),
      state: try textCase(12), reason: optionalText(13), history: Int(integer(14)),
      failures: Int(integer(15)), orphanedAt: optionalInstant(16))
  }

  func pendingRun() throws -> PendingRun {
    var payload = PendingRun.Payload.none
    if !isNull(8) { payload = .arguments(try value(8)) }
    if !isNull(9) { payload = try events(try value(9)) }
    return PendingRun(
      run: run(0), job: key(1), kind: try numberCase(2), status: try numberCase(3),
      attempt: Int32(truncatingIfNeeded: integer(4)), scheduledAt: instant(5), dueAt: instant(6),
      isRelative: integer(10) != 0, payload: payload, crashes: Int32(truncatingIfNeeded: integer(7))
    )
  }

  /// A list that begins with a text is one event, which begins with its name. Any other list is a list of events.
  private func events(_ value: Value) throws -> PendingRun.Payload {
    if value[1]?.text != nil { return .event(try decoded(Event(stored: value), "an event")) }
    return .events(try value.elements.map { try decoded(Event(stored: $0), "an event") })
  }

  /// The script and the name of the job follow the run's own columns.
  func record() throws -> RunRecord {
    let failure = try optionalText(12).map {
      RunFailure(message: $0, traceback: text(13), data: try value(14))
    }
    var record = RunRecord(
      run: run(0), attempt: Int32(truncatingIfNeeded: integer(1)), job: key(2),
      number: integer(3), status: try textCase(4), scheduledAt: instant(5), startedAt: instant(6),
      endedAt: optionalInstant(7), processorTime: integer(8), peakMemory: integer(9),
      result: try value(11), failure: failure,
      log: try value(15).elements.map { try decoded(LogLine(stored: $0), "a line of a log") },
      omittedLines: Int(integer(10)))
    record.script = text(16)
    record.name = text(17)
    return record
  }

  func summary() -> RunSummary {
    var summary = RunSummary(
      job: key(0), from: instant(1), through: instant(2), count: integer(3),
      totalDuration: integer(4), longestDuration: integer(5), totalLateness: integer(6),
      longestLateness: integer(7), processorTime: integer(8))
    summary.script = text(9)
    summary.name = text(10)
    return summary
  }

  func decision() throws -> Decision {
    var decision = Decision(
      id: Decision.ID(rawValue: integer(0)), job: key(1), kind: try textCase(2), from: instant(3),
      through: instant(4), count: integer(5), decidedAt: instant(6), reason: text(7),
      run: isNull(8) ? nil : run(8))
    decision.script = text(9)
    decision.name = text(10)
    return decision
  }
}

extension Value {
  fileprivate var elements: [Value] {
    guard case .list(let values) = self else { return [] }
    return values
  }
}

extension Event {
  fileprivate var stored: Value {
    .list([.string(name), payload, .string(source), .integer(Int64(depth))])
  }

  fileprivate init?(stored: Value) {
    guard let name = stored[1]?.text, let payload = stored[2], let source = stored[3]?.text,
      let depth = stored[4]?.int.flatMap({ UInt8(exactly: $0) })
    else { return nil }
    self.init(name: name, payload: payload, source: source, depth: depth)
  }
}

extension LogLine {
  fileprivate var stored: Value {
    .list(
      [.integer(at.nanoseconds), .string(level), .string(message)] + (fields.map { [$0] } ?? []))
  }

  fileprivate init?(stored: Value) {
    guard let at = stored[1]?.int, let level = stored[2]?.text, let message = stored[3]?.text
    else { return nil }
    self.init(
      at: Timestamp(nanoseconds: at), level: level, message: message, fields: stored[4])
  }
}
