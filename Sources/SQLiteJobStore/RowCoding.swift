import JobStore
import MoonwheelModel
import Triggers

/// Writes the types of the model to the tables, and reads them: all columns, in the order of the tables.

extension PreparedCommands {
  func add(_ job: StoredJob) throws {
    let instants = job.instants.map { Value.integer($0.nanoseconds) }
    try run(
      Self.addJob, job.key, job.script, job.name, job.isNamed, job.trigger, job.anchor,
      job.registered, instants.isEmpty ? Value.nil : .list(instants), job.due, job.fires, job.runs,
      job.lastStarted, job.state, job.reason, job.history, job.failures, job.orphanedAt, job.since,
      job.timing, job.hasPausedOption, job.from, job.till, job.unloadedSince)
  }

  func add(_ pending: PendingRun) throws {
    let (arguments, events): (Value?, Value?) =
      switch pending.payload {
      case .none: (nil, nil)
      case .arguments(let value): (value, nil)
      case .event(let event): (nil, event.stored)
      case .events(let events): (nil, .list(events.map(\.stored)))
      }
    try run(
      Self.addPendingRun, pending.run, pending.job, pending.kind, pending.status, pending.attempt,
      pending.scheduledAt, pending.dueAt, pending.crashes, arguments?.encoded, events?.encoded,
      pending.isRelative, pending.by, pending.of)
  }

  /// `sql` adds it to the runs under way, or to those that have ended.
  func add(_ record: RunRecord, by sql: String) throws {
    try run(
      sql, record.run, record.attempt, record.job, record.number, record.status,
      record.scheduledAt, record.startedAt, record.endedAt, record.processorTime,
      record.peakMemory, record.omittedLines, record.result, record.failure?.message,
      record.failure?.traceback, record.failure?.data ?? .nil,
      record.log.isEmpty ? Value.nil : .list(record.log.map(\.stored)), record.cause?.kind,
      record.cause?.by, record.cause?.of, record.cause?.input.stored ?? .nil, record.version,
      record.ending)
  }

  func add(_ request: AfterRunRequest) throws {
    try run(
      "INSERT OR REPLACE INTO leftovers VALUES(?, ?, ?, ?, ?, ?)", request.id, request.script,
      request.run, request.kind, request.payload, request.at)
  }

  func add(_ summary: RunSummary) throws {
    try run(
      Self.addSummary, summary.job, summary.from, summary.through, summary.count,
      summary.totalDuration, summary.longestDuration, summary.totalLateness,
      summary.longestLateness, summary.processorTime)
  }

  func add(_ decision: Decision) throws {
    try run(
      Self.addDecision, decision.id, decision.job, decision.kind, decision.from, decision.through,
      decision.count, decision.decidedAt, decision.reason, decision.run)
  }
}

extension Command.Row {
  func job() throws -> StoredJob {
    let instants: Value = try self[7]
    return try StoredJob(
      key: self[0], script: self[1], name: self[2], isNamed: self[3], trigger: self[4],
      anchor: self[5], registered: self[6], since: self[17], timing: self[18],
      hasPausedOption: self[19], from: self[20], till: self[21],
      instants: instants.elements.compactMap(\.int).map { Timestamp(nanoseconds: $0) },
      due: self[8], fires: self[9], runs: self[10], lastStarted: self[11], state: self[12],
      reason: self[13], history: self[14], failures: self[15], absence: try absence())
  }

  private func absence() throws -> StoredJob.Absence? {
    if !isNull(16) { return .removed(try self[16]) }
    return isNull(22) ? nil : .unloaded(try self[22])
  }

  func pendingRun() throws -> PendingRun {
    var payload = PendingRun.Payload.none
    if !isNull(8) { payload = .arguments(try self[8]) }
    if !isNull(9) { payload = try events(try self[9]) }
    var pending = try PendingRun(
      run: self[0], job: self[1], kind: self[2], status: self[3], attempt: self[4],
      scheduledAt: self[5], dueAt: self[6], isRelative: self[10], payload: payload,
      crashes: self[7])
    pending.by = try self[11]
    pending.of = try self[12]
    return pending
  }

  func afterRun() throws -> AfterRunRequest {
    try AfterRunRequest(
      id: self[0], script: self[1], run: self[2], kind: self[3], payload: self[4], at: self[5])
  }

  private func cause() throws -> RunCause? {
    let kind: RunCause.Kind? = try self[16]
    return try kind.map { RunCause($0, by: try self[17], of: try self[18], input: try input()) }
  }

  private func input() throws -> RunInput {
    let value: Value = try self[19]
    guard let content = value[2] else { return .none }
    switch value[1]?.int {
    case 0: return .arguments(content)
    case 1: return .event(try intact(Event(stored: content), "an event"))
    case 2:
      return .events(try content.elements.map { try intact(Event(stored: $0), "an event") })
    default: return .cut(bytes: Int(content.int ?? 0))
    }
  }

  /// A list that begins with a text is one event, which begins with its name. Any other list is a list of events.
  private func events(_ value: Value) throws -> PendingRun.Payload {
    if value[1]?.text != nil { return .event(try intact(Event(stored: value), "an event")) }
    return .events(try value.elements.map { try intact(Event(stored: $0), "an event") })
  }

  func record() throws -> RunRecord {
    let message: String? = try self[12]
    let failure = try message.map {
      try RunFailure(message: $0, traceback: self[13], data: self[14])
    }
    let log: Value = try self[15]
    var record = try RunRecord(
      run: self[0], attempt: self[1], job: self[2], number: self[3], status: self[4],
      scheduledAt: self[5], startedAt: self[6], endedAt: self[7], processorTime: self[8],
      peakMemory: self[9], result: self[11], failure: failure,
      log: log.elements.map { try intact(LogLine(stored: $0), "a line of a log") },
      omittedLines: self[10], cause: cause(), version: self[20])
    record.ending = try self[21]
    return try named(record, 22)
  }

  func summary() throws -> RunSummary {
    let summary = try RunSummary(
      job: self[0], from: self[1], through: self[2], count: self[3], totalDuration: self[4],
      longestDuration: self[5], totalLateness: self[6], longestLateness: self[7],
      processorTime: self[8])
    return try named(summary, 9)
  }

  func decision() throws -> Decision {
    let decision = try Decision(
      id: self[0], job: self[1], kind: self[2], from: self[3], through: self[4], count: self[5],
      decidedAt: self[6], reason: self[7], run: self[8])
    return try named(decision, 9)
  }

  /// The script and the name of the job follow the own columns of a row of the history.
  private func named<History: HistoryRow>(_ row: History, _ column: Int32) throws -> History {
    var row = row
    row.script = try self[column]
    row.name = try self[column + 1]
    return row
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

extension RunInput {
  /// A list of a number for the case, and the content.
  fileprivate var stored: Value {
    switch self {
    case .none: .nil
    case .arguments(let value): [0, value]
    case .event(let event): [1, event.stored]
    case .events(let events): [2, .list(events.map(\.stored))]
    case .cut(let bytes): [3, .integer(Int64(bytes))]
    }
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
