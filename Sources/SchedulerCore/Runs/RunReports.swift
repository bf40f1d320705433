import MoonwheelModel

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
