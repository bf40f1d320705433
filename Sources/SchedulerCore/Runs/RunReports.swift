import MoonwheelModel

/// The ends of runs that returned nil, logged nothing and changed no state. The runs are those of `dispatches` from
/// `first` on. Each entered Lua when the previous one had left it.
public struct SilentEnds: Sendable {
  /// The time and memory that a run used before it waited.
  public struct Past: Sendable {
    /// The elapsed time at which the run first entered Lua.
    public var startedAt: Int64
    /// Time that the run spent on a worker, in nanoseconds.
    public var used: Int64
    /// The most bytes that its isolate held during the run.
    public var peakMemory: Int

    public init(startedAt: Int64, used: Int64, peakMemory: Int = 0) {
      self.startedAt = startedAt
      self.used = used
      self.peakMemory = peakMemory
    }
  }

  public let dispatches: [Dispatch]
  public let first: Int
  /// The elapsed time at which the first run entered Lua.
  public let began: Int64
  /// When each run left Lua, in nanoseconds of a clock; `offset` converts it to elapsed time. Negative for a run that
  /// has not ended.
  public let endTimes: [Int64]
  public let offset: Int64
  /// The time and memory that each run used before it waited; empty if no run has waited.
  public let pasts: [Past]
  /// The most bytes that the isolate held during each run; empty if nobody asked for it.
  public let peaks: [Int]

  public init(
    _ dispatches: [Dispatch], from first: Int, began: Int64, endTimes: [Int64], offset: Int64,
    pasts: [Past] = [], peaks: [Int] = []
  ) {
    self.peaks = peaks
    self.pasts = pasts
    self.dispatches = dispatches
    self.first = first
    self.began = began
    self.endTimes = endTimes
    self.offset = offset
  }

  /// One report for each run that has ended.
  public var reports: [RunReport] {
    var began = began
    return endTimes.indices.compactMap { index in
      let end = end(index)
      defer { began = end.time }
      return end.isOver ? report(index, entered: began, endedAt: end.time) : nil
    }
  }

  /// The report of a run that has ended.
  func report(_ index: Int, entered: Int64, endedAt end: Int64) -> RunReport {
    let past = past(index, entered: entered)
    let dispatch = dispatches[first + index]
    let peak = max(past.peakMemory, peaks.isEmpty ? 0 : peaks[index])
    return RunReport(
      dispatch, outcome: .succeeded(.nil), startedAt: past.startedAt, endedAt: end,
      processorTime: past.used + (end - entered),
      details: dispatch.isRecorded ? RunReportExtras(peakMemory: Int64(peak)) : nil)
  }

  /// The elapsed time at which a run left Lua, and whether it had ended.
  @inline(__always)
  public func end(_ index: Int) -> (time: Int64, isOver: Bool) {
    let end = endTimes[index]
    return (abs(end) &+ offset, end >= 0)
  }

  /// The time and memory that a run had used before it entered Lua at an elapsed time, for the first time or again.
  @inline(__always)
  public func past(_ index: Int, entered: Int64) -> Past {
    pasts.isEmpty ? Past(startedAt: entered, used: 0) : pasts[index]
  }
}

/// A worker's reports of runs that have ended, in order.
public enum RunReports: Sendable {
  case silent(SilentEnds)
  case each([RunReport])

  /// The generation of all of the runs.
  public var generation: GenerationID? {
    switch self {
    case .silent(let ends):
      ends.first < ends.dispatches.count ? ends.dispatches[ends.first].generation : nil
    case .each(let reports): reports.first?.generation
    }
  }

  public var count: Int {
    switch self {
    case .silent(let ends): ends.endTimes.count
    case .each(let reports): reports.count
    }
  }
}
