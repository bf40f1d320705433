import MoonwheelModel

/// The ends of runs of one isolate, in order.
///
/// A worker has the dispatches of a burst in one array already. So the ends share it, and add 24 bytes each; the core
/// reads both in place. An array of ``RunEnd`` would copy each dispatch from one processor's cache to another's.
public struct RunEnds: Sendable {
  @usableFromInline
  struct Entry: Sendable {
    @usableFromInline var startedAt: Int64
    @usableFromInline var endedAt: Int64
    @usableFromInline var processorTime: Int64

    @inlinable
    init(startedAt: Int64, endedAt: Int64, processorTime: Int64) {
      self.startedAt = startedAt
      self.endedAt = endedAt
      self.processorTime = processorTime
    }

    /// True if the run has not ended.
    var isOpen: Bool { endedAt == .min }
  }

  private(set) var dispatches: [Dispatch]
  /// The index of the dispatch of the first entry.
  let first: Int
  @usableFromInline var entries: [Entry] = []
  /// Of the first entries; nil for a silent end.
  private var endings: [Boxed<RunEnd.Ending>?] = []

  public init() {
    dispatches = []
    first = 0
  }

  /// The ends of the runs of `dispatches` from an index on, one after the other; each has to be appended.
  public init(of dispatches: [Dispatch], from first: Int, reserving count: Int) {
    self.dispatches = dispatches
    self.first = first
    entries.reserveCapacity(count)
  }

  /// The number of runs, with those that have not ended.
  public var count: Int { entries.count }

  func ending(_ index: Int) -> Boxed<RunEnd.Ending>? {
    index < endings.count ? endings[index] : nil
  }

  /// Appends the end of the next run: it returned nil, logged nothing, changed no state and is not recorded. Times are
  /// elapsed nanoseconds.
  @inlinable
  public mutating func append(startedAt: Int64, endedAt: Int64, processorTime: Int64) {
    entries.append(
      Entry(startedAt: startedAt, endedAt: endedAt, processorTime: processorTime))
  }

  /// Appends the end of the next run, which is recorded and otherwise as silent.
  public mutating func append(
    startedAt: Int64, endedAt: Int64, processorTime: Int64, peakMemory: Int
  ) {
    let details = RunEndDetails(peakMemory: Int64(peakMemory))
    append(RunEnd.Ending(outcome: .succeeded(.nil), depth: 0, details: Boxed(details)))
    append(startedAt: startedAt, endedAt: endedAt, processorTime: processorTime)
  }

  /// Skips the next run, which has not ended.
  @inlinable
  public mutating func skip() { append(startedAt: 0, endedAt: .min, processorTime: 0) }

  /// Appends the end of any run. Only for ends that were made with ``init()``.
  public mutating func append(_ end: RunEnd) {
    dispatches.append(end.dispatch)
    if let ending = end.ending { append(ending.content) }
    append(
      startedAt: end.startedAt, endedAt: end.endedAt, processorTime: end.processorTime)
  }

  /// Call it before the entry is appended.
  private mutating func append(_ ending: RunEnd.Ending) {
    endings += repeatElement(nil, count: entries.count - endings.count)
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
