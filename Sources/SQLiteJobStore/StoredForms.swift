import MoonwheelModel
import Triggers

/// How the nouns of the store are put into commands and read from rows: always all columns, in the order of the tables.

extension Command {
  func put(_ instant: Timestamp) { put(instant.nanoseconds) }
  func put(_ instant: Timestamp?) { put(instant?.nanoseconds) }
  func put(_ key: StoreKey) { put(key.rawValue) }
  func put(_ run: Run.ID) { put(Int64(bitPattern: run.rawValue)) }

  /// Nil is NULL.
  func put(_ value: Value) { put(value.isNil ? nil : value.encoded) }

  func put(_ job: StoredJob) {
    put(job.key)
    put(job.script)
    put(job.name)
    put(job.isNamed ? 1 : 0)
    put(job.trigger)
    put(job.anchor)
    put(job.registered)
    let instants = job.instants.map { Value.integer($0.nanoseconds) }
    put(instants.isEmpty ? nil : Value.list(instants).encoded)
    put(job.due)
    put(job.fires)
    put(job.runs)
    put(job.lastStarted)
    put(job.state.rawValue)
    put(job.reason)
    put(job.history)
    put(job.failures)
    put(job.orphanedAt)
    put(job.since)
    put(job.timing)
    put(job.hasPausedOption.map { $0 ? 1 : 0 })
    put(job.from)
    put(job.till)
  }

  func put(_ pending: PendingRun) {
    put(pending.run)
    put(pending.job)
    put(pending.kind.rawValue)
    put(pending.status.rawValue)
    put(pending.attempt)
    put(pending.scheduledAt)
    put(pending.dueAt)
    put(pending.crashes)
    switch pending.payload {
    case .none:
      put(Value.nil)
      put(Value.nil)
    case .arguments(let value):
      put(value.encoded)
      put(Value.nil)
    case .event(let event):
      put(Value.nil)
      put(event.stored.encoded)
    case .events(let events):
      put(Value.nil)
      put(Value.list(events.map(\.stored)).encoded)
    }
    put(pending.isRelative ? 1 : 0)
  }

  func put(_ record: RunRecord) {
    put(record.run)
    put(record.attempt)
    put(record.job)
    put(record.number)
    put(record.status.rawValue)
    put(record.scheduledAt)
    put(record.startedAt)
    put(record.endedAt)
    put(record.processorTime)
    put(record.peakMemory)
    put(record.omittedLines)
    put(record.result)
    put(record.failure?.message)
    put(record.failure?.traceback)
    put(record.failure?.data ?? .nil)
    put(record.log.isEmpty ? nil : Value.list(record.log.map(\.stored)).encoded)
  }

  func put(_ summary: RunSummary) {
    put(summary.job)
    put(summary.from)
    put(summary.through)
    put(summary.count)
    put(summary.totalDuration)
    put(summary.longestDuration)
    put(summary.totalLateness)
    put(summary.longestLateness)
    put(summary.processorTime)
  }

  func put(_ decision: Decision) {
    put(decision.id.rawValue)
    put(decision.job)
    put(decision.kind.rawValue)
    put(decision.from)
    put(decision.through)
    put(decision.count)
    put(decision.decidedAt)
    put(decision.reason)
    if let run = decision.run { put(run) } else { put(Value.nil) }
  }
}

extension Command.Row {
  func instant(_ column: Int32) -> Timestamp { Timestamp(nanoseconds: integer(column)) }

  func instantIfAny(_ column: Int32) -> Timestamp? {
    integerIfAny(column).map { Timestamp(nanoseconds: $0) }
  }

  func key(_ column: Int32) -> StoreKey { StoreKey(rawValue: integer(column)) }
  func run(_ column: Int32) -> Run.ID { Run.ID(rawValue: UInt64(bitPattern: integer(column))) }

  func value(_ column: Int32) throws -> Value {
    guard let bytes = bytesIfAny(column) else { return .nil }
    return try sound(Value(encoded: bytes), "a value")
  }

  /// The word or number of a type's case.
  private func word<Word: RawRepresentable<String>>(_ column: Int32) throws -> Word {
    try sound(Word(rawValue: text(column)), "a word")
  }

  private func number<Number: RawRepresentable<UInt8>>(_ column: Int32) throws -> Number {
    try sound(UInt8(exactly: integer(column)).flatMap(Number.init), "a number")
  }

  private func sound<Noun>(_ noun: Noun?, _ what: String) throws -> Noun {
    guard let noun else { throw SQLiteFailure(corrupt: "\(what) cannot be read") }
    return noun
  }

  func job() throws -> StoredJob {
    let instants = try value(7)
    return StoredJob(
      key: key(0), script: text(1), name: text(2), isNamed: integer(3) != 0, trigger: text(4),
      anchor: instant(5), registered: instant(6), since: instant(17), timing: textIfAny(18),
      hasPausedOption: integerIfAny(19).map { $0 != 0 }, from: instantIfAny(20),
      till: instantIfAny(21),
      instants: instants.elements.compactMap(\.int).map { Timestamp(nanoseconds: $0) },
      due: instantIfAny(8), fires: integer(9), runs: integer(10), lastStarted: instantIfAny(11),
      state: try word(12), reason: textIfAny(13), history: Int(integer(14)),
      failures: Int(integer(15)), orphanedAt: instantIfAny(16))
  }

  func pendingRun() throws -> PendingRun {
    var payload = PendingRun.Payload.none
    if !isNull(8) { payload = .arguments(try value(8)) }
    if !isNull(9) { payload = try events(try value(9)) }
    return PendingRun(
      run: run(0), job: key(1), kind: try number(2), status: try number(3),
      attempt: Int32(truncatingIfNeeded: integer(4)), scheduledAt: instant(5), dueAt: instant(6),
      isRelative: integer(10) != 0, payload: payload, crashes: Int32(truncatingIfNeeded: integer(7)))
  }

  /// Script and name follow the run's own columns.

  /// One event, or a list of them: an event begins with its name.
  private func events(_ value: Value) throws -> PendingRun.Payload {
    if value[1]?.text != nil { return .event(try sound(Event(stored: value), "an event")) }
    return .events(try value.elements.map { try sound(Event(stored: $0), "an event") })
  }

  func record() throws -> RunRecord {
    let failure = try textIfAny(12).map {
      RunFailure(message: $0, traceback: text(13), data: try value(14))
    }
    var record = RunRecord(
      run: run(0), attempt: Int32(truncatingIfNeeded: integer(1)), job: key(2),
      number: integer(3), status: try word(4), scheduledAt: instant(5), startedAt: instant(6),
      endedAt: instantIfAny(7), processorTime: integer(8), peakMemory: integer(9),
      result: try value(11), failure: failure,
      log: try value(15).elements.map { try sound(LogLine(stored: $0), "a line of a log") },
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
      id: Decision.ID(rawValue: integer(0)), job: key(1), kind: try word(2), from: instant(3),
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
