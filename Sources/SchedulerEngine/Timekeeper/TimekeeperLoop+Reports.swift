import MoonwheelModel
import SchedulerCore

/// Takes reports of ended runs. Many can come at once.
extension TimekeeperLoop {
  /// Passes the reports to the core. If that takes long, fires what becomes due in between, and takes the reports of
  /// busy generations last. The reports of one generation keep their order. Returns the last time that the core was
  /// given.
  mutating func takeReports(at now: ClockReading) -> ClockReading {
    guard !reports.isEmpty else { return now }
    var taken: [RunEnds] = []
    swap(&taken, &reports)
    var last = now
    for (index, batch) in taken.enumerated() {
      handle(batch, at: last)
      guard index + 1 < taken.count, isLong(since: last) else { continue }
      last = fireDue()
      last = takeFairly(Array(taken[(index + 1)...]), at: last)
      break
    }
    taken.removeAll(keepingCapacity: taken.capacity <= 4_096)
    swap(&taken, &reports)
    return last
  }

  /// Nanoseconds after which the rest of the busy generations' reports waits for the next step.
  private static var busyReportLimit: Int64 { 10_000_000 }

  /// Takes many reports. Reports of busy generations come after all others. After ``busyReportLimit`` the rest of them
  /// goes back to the inbox, for the next step; new reports of these generations follow.
  private mutating func takeFairly(
    _ reports: [RunEnds], at now: ClockReading
  ) -> ClockReading {
    var queue = FairReportQueue(reports)
    var held: [RunEnds] = []
    var last = now
    var began = timekeeper.clock.elapsed
    let end = began + Self.busyReportLimit
    while queue.hasOrdinary || began < end, let batch = queue.next() {
      handle(batch, at: last)
      let now = timekeeper.clock.elapsed
      queue.charge(batch.generation, now - began)
      began = now
      guard isLong(since: last) else { continue }
      last = fireDue()
      var more: [RunEnds] = []
      timekeeper.inbox.drain(reports: &more)
      for batch in more where !queue.append(batch) { held.append(batch) }
      began = timekeeper.clock.elapsed
    }
    timekeeper.inbox.putBack(reports: queue.rest + held)
    return last
  }

  /// Fires what is due between two inputs. Returns the time.
  private mutating func fireDue() -> ClockReading {
    let now = timekeeper.clock.read()
    while advance(to: now, atMost: 1_024) { perform() }
    perform()
    return now
  }
}

/// A queue of reports in which those of busy generations come last. A generation is busy once its reports have taken
/// the core a millisecond.
private struct FairReportQueue {
  /// In nanoseconds.
  private static let busyTime: Int64 = 1_000_000

  private var ordinary: ArraySlice<RunEnds>
  private var busy: ArraySlice<RunEnds> = []
  private var spent: [GenerationID: Int64] = [:]

  init(_ reports: [RunEnds]) { ordinary = reports[...] }

  var hasOrdinary: Bool { !ordinary.isEmpty }

  /// The reports that were not taken.
  var rest: [RunEnds] { Array(ordinary + busy) }

  mutating func next() -> RunEnds? { ordinary.popFirst() ?? busy.popFirst() }

  /// Adds the nanoseconds that a batch took to those of its generation.
  mutating func charge(_ generation: GenerationID?, _ time: Int64) {
    guard let generation else { return }
    let before = spent[generation, default: 0]
    spent[generation] = before + time
    guard before < Self.busyTime, before + time >= Self.busyTime else { return }
    busy += ordinary.filter { $0.generation == generation }
    ordinary.removeAll { $0.generation == generation }
  }

  /// Appends a batch; false if its generation is busy.
  mutating func append(_ batch: RunEnds) -> Bool {
    let isBusy = batch.generation.map { spent[$0, default: 0] >= Self.busyTime } ?? false
    if !isBusy { ordinary.append(batch) }
    return !isBusy
  }
}
