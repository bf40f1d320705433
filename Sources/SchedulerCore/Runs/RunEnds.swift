import MoonwheelModel

/// The ends of runs of one isolate, in order.
///
/// A worker has the dispatches of a burst in one array already. So the ends share it, and add 24 bytes each; the core
/// reads both in place. An array of ``RunEnd`` would copy each dispatch from one processor's cache to another's.
public struct RunEnds: Sendable {
  /// The end of one run. It returned nil, logged nothing and changed no state, unless ``RunEnds`` has more of it. Times
  /// are elapsed nanoseconds.
  public struct Entry: Sendable {
    public var startedAt: Int64
    public var endedAt: Int64
    public var processorTime: Int64

    @inlinable
    public init(startedAt: Int64, endedAt: Int64, processorTime: Int64) {
      self.startedAt = startedAt
      self.endedAt = endedAt
      self.processorTime = processorTime
    }

    /// The run has not ended.
    public static var open: Entry { Entry(startedAt: 0, endedAt: .min, processorTime: 0) }
    var isOpen: Bool { endedAt == .min }
  }

  private(set) var dispatches: [Dispatch]
  /// The index of the dispatch of the first entry.
  let first: Int
  private(set) var entries: [Entry]
  /// Of the first entries; nil for a silent end.
  private var endings: [Boxed<RunEnd.Ending>?] = []

  public init() {
    dispatches = []
    first = 0
    entries = []
  }

  /// The ends of the runs of `dispatches` from an index on, one after the other.
  public init(of dispatches: [Dispatch], from first: Int, _ entries: [Entry]) {
    self.dispatches = dispatches
    self.first = first
    self.entries = entries
  }

  /// The number of runs, with those that have not ended.
  public var count: Int { entries.count }

  func ending(_ index: Int) -> Boxed<RunEnd.Ending>? {
    index < endings.count ? endings[index] : nil
  }

  /// Says that a run has not ended, or that its end comes otherwise.
  public mutating func skip(_ index: Int) { entries[index] = .open }

  /// Says how many bytes the isolate held during a run, which is recorded. Call it for one entry after the other.
  public mutating func setPeakMemory(_ bytes: Int, of index: Int) {
    let details = RunEndDetails(peakMemory: Int64(bytes))
    set(RunEnd.Ending(outcome: .succeeded(.nil), depth: 0, details: Boxed(details)), of: index)
  }

  /// Appends the end of any run. Only for ends that were made with ``init()``.
  public mutating func append(_ end: RunEnd) {
    dispatches.append(end.dispatch)
    if let ending = end.ending { set(ending.content, of: entries.count) }
    entries.append(
      Entry(
        startedAt: end.startedAt, endedAt: end.endedAt, processorTime: end.processorTime))
  }

  private mutating func set(_ ending: RunEnd.Ending, of index: Int) {
    endings += repeatElement(nil, count: index - endings.count)
    endings.append(Boxed(ending))
  }

  /// The elapsed time of the first end; nil if no run has ended.
  public var earliestEnd: Int64? { entries.first { !$0.isOpen }?.endedAt }

  /// The generation of all of the runs.
  public var generation: GenerationID? {
    first < dispatches.count ? dispatches[first].generation : nil
  }

  /// The end of the run of an entry that is not open.
  func end(_ index: Int) -> RunEnd {
    RunEnd(dispatches[first + index], entries[index], ending(index))
  }

  /// The ends one by one.
  public var each: [RunEnd] {
    entries.indices.compactMap { entries[$0].isOpen ? nil : end($0) }
  }
}
