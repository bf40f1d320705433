import MoonwheelModel

/// The ends of runs of one isolate, in order.
///
/// A worker has the dispatches of a burst in one array already. So the ends share it, and add 32 bytes each; the core
/// reads both in place. An array of ``RunEnd`` would copy each dispatch from one processor's cache to another's.
public struct RunEnds: Sendable {
  struct Entry: Sendable {
    var startedAt: Int64
    var endedAt: Int64
    var processorTime: Int64
    var ending: Boxed<RunEnd.Ending>?

    /// The run has not ended.
    static let open = Entry(startedAt: 0, endedAt: .min, processorTime: 0)
    var isOpen: Bool { endedAt == .min }
  }

  private(set) var dispatches: [Dispatch]
  /// The index of the dispatch of the first entry.
  let first: Int
  private(set) var entries: [Entry] = []

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

  /// Appends the end of the next run: it returned nil, logged nothing and changed no state. Times are elapsed
  /// nanoseconds; with `peakMemory` in bytes for a recorded run.
  public mutating func append(
    startedAt: Int64, endedAt: Int64, processorTime: Int64, peakMemory: Int? = nil
  ) {
    let ending = peakMemory.map { peak in
      let details = RunEndDetails(peakMemory: Int64(peak))
      return Boxed(RunEnd.Ending(outcome: .succeeded(.nil), depth: 0, details: Boxed(details)))
    }
    entries.append(
      Entry(
        startedAt: startedAt, endedAt: endedAt, processorTime: processorTime, ending: ending))
  }

  /// Skips the next run, which has not ended.
  public mutating func skip() { entries.append(.open) }

  /// Appends the end of any run. Only for ends that were made with ``init()``.
  public mutating func append(_ end: RunEnd) {
    dispatches.append(end.dispatch)
    entries.append(
      Entry(
        startedAt: end.startedAt, endedAt: end.endedAt, processorTime: end.processorTime,
        ending: end.ending))
  }

  /// The elapsed time of the first end; nil if no run has ended.
  public var earliestEnd: Int64? { entries.first { !$0.isOpen }?.endedAt }

  /// The generation of all of the runs.
  public var generation: GenerationID? {
    first < dispatches.count ? dispatches[first].generation : nil
  }

  /// The ends one by one.
  public var each: [RunEnd] {
    entries.indices.compactMap { index in
      entries[index].isOpen ? nil : RunEnd(dispatches[first + index], entries[index])
    }
  }
}
