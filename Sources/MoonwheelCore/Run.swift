import Triggers

/// One execution of a job's callback.
public struct Run: Sendable, Hashable {
  /// Unique on this host, and in order of creation. Its text has 13 characters and sorts likewise.
  public struct ID: Sendable, Hashable, Comparable, CustomStringConvertible {
    public var rawValue: UInt64
    public init(rawValue: UInt64) { self.rawValue = rawValue }
    public static func < (a: ID, b: ID) -> Bool { a.rawValue < b.rawValue }

    private static let digits = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)

    /// Reads a ``description``; case does not matter.
    public init?(_ text: String) {
      var value: UInt64 = 0
      guard text.utf8.count == 13 else { return nil }
      for character in text.uppercased().utf8 {
        guard let digit = Self.digits.firstIndex(of: character), value >> 59 == 0 else {
          return nil
        }
        value = value << 5 | UInt64(digit)
      }
      rawValue = value
    }

    /// Crockford's base 32, most significant digit first.
    public var description: String {
      let places = (0..<13).reversed()
      return String(
        decoding: places.map { Self.digits[Int(rawValue >> (5 * UInt64($0)) & 31)] }, as: UTF8.self)
    }
  }

  /// How a run ended.
  public enum Outcome: Sendable, Hashable {
    /// With the callback's result.
    case succeeded(Value)
    /// With `return cancel`: as success, and the job ends.
    case cancelledJob
    indirect case failed(RunFailure)
    /// Interrupted at its soft limit.
    indirect case timedOut(RunFailure)
    /// Interrupted since its job was cancelled, or the host stops.
    indirect case cancelled(RunFailure)
    /// Not ended by the interrupt, and never resumed after its hard limit.
    indirect case dropped(RunFailure)
    /// Torn out of Lua; its isolate was made anew.
    indirect case evicted(RunFailure)
    /// Lost with its isolate, by the fault of another run.
    indirect case abandoned(RunFailure)
    /// The policy's `when` said no: nothing was run.
    case declined
    /// It would have entered Lua so many nanoseconds after its instant, which `grace` does not allow: nothing was run.
    case misfired(late: Int64)

    /// Nil for those that ended well.
    public var failure: RunFailure? {
      switch self {
      case .succeeded, .cancelledJob, .declined, .misfired: nil
      case .failed(let failure), .timedOut(let failure), .cancelled(let failure),
        .dropped(let failure), .evicted(let failure), .abandoned(let failure):
        failure
      }
    }

    /// Which event tells of it.
    public var event: HostEvent.Kind {
      switch self {
      case .succeeded, .cancelledJob: .runSucceeded
      case .failed: .runFailed
      case .timedOut: .runTimedOut
      case .cancelled: .runCancelled
      case .dropped: .runDropped
      case .evicted: .runEvicted
      case .abandoned: .runAbandoned
      case .declined: .runSkipped
      case .misfired: .runMissed
      }
    }
  }
}

/// Why a run failed.
public struct RunFailure: Error, Sendable, Hashable, CustomStringConvertible {
  /// The error's text, with `script:line` where it was raised by Lua.
  public var message: String
  /// The Lua stack where it was raised; empty where there was none.
  public var traceback: String
  /// The error object, where the script raised a table.
  public var data: Value

  public init(message: String, traceback: String = "", data: Value = .nil) {
    self.message = message
    self.traceback = traceback
    self.data = data
  }

  public var description: String { message }
}

/// What a worker says of a run that has ended.
public struct RunReport: Sendable {
  /// As it was dispatched; what was passed to it may be missing, but for which hook it was.
  public let dispatch: Dispatch
  /// Elapsed time when it entered Lua, in nanoseconds.
  public let startedAt: Int64
  /// Elapsed time, in nanoseconds.
  public let endedAt: Int64
  /// Time on a worker, in nanoseconds.
  public let processorTime: Int64
  /// Nil for a run that succeeded without a result and left nothing behind, and of whose event the dispatch tells: for most.
  private let ending: Boxed<Ending>?

  private struct Ending: Sendable {
    var outcome: Run.Outcome
    var depth: UInt8
    var details: Boxed<RunReportExtras>?
  }

  /// Of a run that was dispatched; times are elapsed nanoseconds. `depth` is how many events led to it.
  public init(
    _ dispatch: Dispatch, outcome: Run.Outcome, startedAt: Int64, endedAt: Int64,
    processorTime: Int64 = 0, depth: UInt8 = 0, details: RunReportExtras? = nil
  ) {
    self.dispatch = dispatch
    self.startedAt = startedAt
    self.endedAt = endedAt
    self.processorTime = processorTime
    if case .succeeded(.nil) = outcome, depth == 0, details == nil {
      ending = nil
    } else {
      ending = Boxed(Ending(outcome: outcome, depth: depth, details: details.map { Boxed($0) }))
    }
  }

  /// It succeeded without a result, no event led to it, and it left nothing behind.
  var isSilent: Bool { ending == nil }

  public var outcome: Run.Outcome { ending?.content.outcome ?? .succeeded(.nil) }
  /// How many events led to the run.
  public var depth: UInt8 { ending?.content.depth ?? dispatch.eventDepth }
  /// Nil where there is nothing in it.
  public var details: Boxed<RunReportExtras>? { ending?.content.details }
  public var run: Run.ID { dispatch.run }
  public var job: JobID { dispatch.job }
  public var generation: GenerationID { dispatch.generation }
  /// Wall time, as it was dispatched.
  public var scheduledAt: Timestamp { dispatch.scheduledAt }
  public var number: Int64 { dispatch.number }
  public var attempt: Int32 { dispatch.attempt }
  public var isHook: Bool { dispatch.extras?.content.hook != nil }
  public var isRecorded: Bool { dispatch.isRecorded }
  /// The job's row in the store.
  public var key: StoreKey { dispatch.key }
}

/// Runs that succeeded without a result, that no event led to and that left nothing behind: of one array of dispatches,
/// from a place on. Each entered Lua when the one before it had left it.
public struct SilentEnds: Sendable {
  /// What a run did before it waited.
  public struct Past: Sendable {
    /// Elapsed time at which it entered Lua first.
    public var startedAt: Int64
    /// Time on a worker, in nanoseconds.
    public var used: Int64
    /// Bytes that its isolate held at most while it ran.
    public var peakMemory: Int

    public init(startedAt: Int64, used: Int64, peakMemory: Int = 0) {
      self.startedAt = startedAt
      self.used = used
      self.peakMemory = peakMemory
    }
  }

  public let dispatches: [Dispatch]
  public let first: Int
  /// Elapsed time at which the first of them entered Lua.
  public let began: Int64
  /// When they left Lua, in nanoseconds of a clock to which `offset` is added to get elapsed time; negative for those that
  /// have not ended.
  public let ends: [Int64]
  public let offset: Int64
  /// Of each, where they have waited; else empty.
  public let pasts: [Past]
  /// Bytes that the isolate held at most while each ran; empty if nobody wants to know.
  public let peaks: [Int]

  public init(
    _ dispatches: [Dispatch], from first: Int, began: Int64, ends: [Int64], offset: Int64,
    pasts: [Past] = [], peaks: [Int] = []
  ) {
    self.peaks = peaks
    self.pasts = pasts
    self.dispatches = dispatches
    self.first = first
    self.began = began
    self.ends = ends
    self.offset = offset
  }

  /// One by one.
  public var reports: [RunReport] {
    var began = began
    return ends.indices.compactMap { position in
      let end = end(position)
      defer { began = end.time }
      return end.isOver ? report(position, entered: began, endedAt: end.time) : nil
    }
  }

  /// Of one that has ended.
  func report(_ position: Int, entered: Int64, endedAt end: Int64) -> RunReport {
    let past = past(position, entered: entered)
    let dispatch = dispatches[first + position]
    let peak = max(past.peakMemory, peaks.isEmpty ? 0 : peaks[position])
    return RunReport(
      dispatch, outcome: .succeeded(.nil), startedAt: past.startedAt, endedAt: end,
      processorTime: past.used + (end - entered),
      details: dispatch.isRecorded ? RunReportExtras(peakMemory: Int64(peak)) : nil)
  }

  /// Elapsed time at which a run left Lua, and whether it has ended then.
  @inline(__always)
  public func end(_ position: Int) -> (time: Int64, isOver: Bool) {
    let end = ends[position]
    return (abs(end) &+ offset, end >= 0)
  }

  /// Of one that entered Lua, first or again, at an elapsed time.
  @inline(__always)
  public func past(_ position: Int, entered: Int64) -> Past {
    pasts.isEmpty ? Past(startedAt: entered, used: 0) : pasts[position]
  }
}

/// What a worker says of runs that have ended, in order.
public enum RunReports: Sendable {
  case silent(SilentEnds)
  case each([RunReport])

  /// All are of one.
  public var generation: GenerationID? {
    switch self {
    case .silent(let silent):
      silent.first < silent.dispatches.count ? silent.dispatches[silent.first].generation : nil
    case .each(let reports): reports.first?.generation
    }
  }

  public var count: Int {
    switch self {
    case .silent(let silent): silent.ends.count
    case .each(let reports): reports.count
    }
  }
}

/// What most runs do not leave behind.
public struct RunReportExtras: Sendable {
  public var log: [LogLine]
  public var omittedLines: Int
  /// What `run.state` has become; nil where the job has none, or it is as it was.
  public var state: Value?
  /// Nanoseconds after which the run asked to be tried again.
  public var retryAfter: Int64?
  /// The error says that trying again is no use: `retry = false` in it, or the policy's `unless` matched.
  public var refusesRetry: Bool
  /// Bytes that its isolate held at most while it ran; 0 is unknown.
  public var peakMemory: Int64

  public init(
    log: [LogLine] = [], omittedLines: Int = 0, state: Value? = nil, retryAfter: Int64? = nil,
    refusesRetry: Bool = false, peakMemory: Int64 = 0
  ) {
    self.log = log
    self.omittedLines = omittedLines
    self.state = state
    self.retryAfter = retryAfter
    self.refusesRetry = refusesRetry
    self.peakMemory = peakMemory
  }
}
