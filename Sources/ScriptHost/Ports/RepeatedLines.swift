import Logging
import MoonwheelModel
import Synchronization
import Triggers

/// Bounds the lines that the host itself logs at the levels warning and error. What happens to a job again and again is
/// logged at once the first times, and then as one line a minute with a count. Nothing else is lost: the history has each.
package final class RepeatedLines: Sendable {
  /// Lines that are counted together.
  fileprivate struct Subject: Hashable, Sendable {
    var script: String
    var job: String
    var event: String
  }

  fileprivate struct Repeats: Sendable {
    /// How many more lines are logged at once.
    var left: Int
    var omitted: Int64 = 0
    /// When the first omitted line came.
    var since = Timestamp(nanoseconds: 0)
    var newest = Line(level: .warning, message: "", metadata: [:])
  }

  fileprivate struct State: Sendable {
    var subjects: [Subject: Repeats] = [:]
    /// Further subjects that a script may have in this minute.
    var room: [String: Int] = [:]
    var isScheduled = false
  }

  package struct Line: Sendable {
    package var level: Logger.Level
    package var message: String
    package var metadata: Logger.Metadata

    package init(level: Logger.Level, message: String, metadata: Logger.Metadata) {
      self.level = level
      self.message = message
      self.metadata = metadata
    }
  }

  /// Nanoseconds between two sums.
  private static let interval: Int64 = 60_000_000_000
  /// How many failures of one kind a job may have in a minute before they are counted; a fire that did not become a run
  /// is counted from the second one on.
  fileprivate static let failuresAtOnce = 30
  /// How many jobs, by kinds of events, a script may have in the log of one minute; those beyond are counted together.
  fileprivate static let subjectsOfScript = 500
  /// How many bytes of each text of a line are kept for its sum: scripts choose names and messages.
  fileprivate static let textLimit = 500

  private let logger: Logger
  private let clock: any SchedulerClock
  private let zone: Zone
  /// Calls a function at an elapsed time.
  private let callAt: @Sendable (Int64, @escaping @Sendable () -> Void) -> Void
  private let state = Mutex(State())

  package init(
    _ logger: Logger, clock: any SchedulerClock, zone: Zone,
    callAt: @escaping @Sendable (Int64, @escaping @Sendable () -> Void) -> Void
  ) {
    self.logger = logger
    self.clock = clock
    self.zone = zone
    self.callAt = callAt
  }

  /// Logs a line, or counts it. `count` is how often it happened what the line tells.
  func add(_ line: Line, count: Int64 = 1) {
    let now = clock.read()
    let (isLogged, isFirst) = state.withLock { state in
      defer { state.isScheduled = true }
      return (state.admit(line, count, at: now.wall), !state.isScheduled)
    }
    if isLogged { logger.log(level: line.level, "\(line.message)", metadata: line.metadata) }
    if isFirst { schedule(after: now.elapsed) }
  }

  private func schedule(after now: Int64) {
    callAt(now.saturatingSum(Self.interval)) { [weak self] in self?.endMinute() }
  }

  private func endMinute() {
    guard logSums() else { return }
    schedule(after: clock.elapsed)
  }

  /// Logs the sums of what was counted. Returns whether anything may have to be summed up later.
  @discardableResult
  package func logSums() -> Bool {
    let (sums, goesOn) = state.withLock { state in
      let sums = state.takeSums()
      state.isScheduled = !state.subjects.isEmpty
      return (sums, state.isScheduled)
    }
    for sum in sums { log(sum) }
    return goesOn
  }

  private func log(_ sum: Repeats) {
    var metadata = sum.newest.metadata
    metadata["run"] = nil  // it is about many
    let times: Logger.Metadata = [
      "count": .stringConvertible(sum.omitted), "since": .string(sum.since.iso(in: zone)),
    ]
    if case .dictionary(let payload)? = metadata["payload"] {
      metadata["payload"] = .dictionary(payload.merging(times) { $1 })
    } else {
      metadata["payload"] = .dictionary(times)
    }
    let count = sum.omitted == 1 ? "once more" : "\(sum.omitted) more times"
    logger.log(
      level: sum.newest.level,
      "\(count) since \(sum.since.iso(in: zone)), the last time: \(sum.newest.message)",
      metadata: metadata)
  }
}

extension RepeatedLines.State {
  /// Whether to log the line at once. If not, counts it.
  fileprivate mutating func admit(_ line: RepeatedLines.Line, _ count: Int64, at now: Timestamp)
    -> Bool
  {
    var subject = line.subject
    if subjects[subject] == nil {
      let left = room[subject.script] ?? RepeatedLines.subjectsOfScript
      room[subject.script] = max(0, left - 1)
      guard left == 0 else {
        subjects[subject] = RepeatedLines.Repeats(left: line.most - 1)
        return true
      }
      subject.job = ""
    }
    var repeats = subjects[subject] ?? RepeatedLines.Repeats(left: 0)
    defer { subjects[subject] = repeats }
    guard repeats.left == 0 else {
      repeats.left -= 1
      return true
    }
    if repeats.omitted == 0 { repeats.since = now }
    repeats.omitted += count
    repeats.newest = line.summary
    return false
  }

  /// What was counted. Subjects that were quiet are forgotten; the others stay closed for another minute.
  fileprivate mutating func takeSums() -> [RepeatedLines.Repeats] {
    let loud = subjects.filter { $0.value.omitted > 0 }
    subjects = loud.mapValues { _ in RepeatedLines.Repeats(left: 0) }
    room = [:]
    return loud.sorted {
      ($0.value.since, $0.key.script, $0.key.job) < ($1.value.since, $1.key.script, $1.key.job)
    }
    .map(\.value)
  }
}

extension RepeatedLines.Line {
  fileprivate var subject: RepeatedLines.Subject {
    RepeatedLines.Subject(
      script: text("script"), job: denied ?? text("job"), event: text("event"))
  }

  /// What a line about a denial is about, over all jobs; nil for other lines.
  private var denied: String? {
    guard case .dictionary(let payload)? = metadata["payload"],
      let permission = payload["permission"], let wanted = payload["wanted"]
    else { return nil }
    return "\(permission) \(wanted)".cut(toBytes: RepeatedLines.textLimit)
  }

  private func text(_ key: String) -> String {
    metadata[key].map { "\($0)".cut(toBytes: RepeatedLines.textLimit) } ?? ""
  }

  fileprivate var most: Int { level >= .error ? RepeatedLines.failuresAtOnce : 1 }

  /// The line without its traceback, and without data that would take much memory.
  fileprivate var summary: RepeatedLines.Line {
    let first = message.firstIndex(of: "\n").map { String(message[..<$0]) } ?? message
    return RepeatedLines.Line(
      level: level, message: first.cut(toBytes: RepeatedLines.textLimit),
      metadata: metadata.mapValues(\.short))
  }
}

extension Logger.MetadataValue {
  /// With short texts, and without lists and tables in it.
  fileprivate var short: Logger.MetadataValue {
    switch self {
    case .string(let text): .string(text.cut(toBytes: RepeatedLines.textLimit))
    case .stringConvertible: self
    case .array: "(a list)"
    case .dictionary(let fields):
      .dictionary(
        fields.mapValues { field in
          if case .dictionary = field { "(a table)" } else { field.short }
        })
    }
  }
}
