import MoonwheelModel
import SchedulerCore

/// Ends of runs, which come in floods where very many runs end at once.
extension TimekeeperLoop {
  /// What is due meanwhile does not wait for a flood of reports, nor do the reports of other generations. Those of one
  /// generation keep their order. Answers the time as the core knows it then.
  mutating func takeReports(at now: ClockReading) -> ClockReading {
    guard !reports.isEmpty else { return now }
    var taken: [RunReports] = []
    swap(&taken, &reports)
    var last = now
    for (place, batch) in taken.enumerated() {
      core.handle(batch, at: last, into: &effects)
      guard place + 1 < taken.count, isLong(since: last) else { continue }
      last = fireDue()
      last = takeFlood(Array(taken[(place + 1)...]), at: last)
      break
    }
    taken.removeAll(keepingCapacity: taken.capacity <= 4_096)
    swap(&taken, &reports)
    return last
  }

  /// In nanoseconds.
  private static var longestFlood: Int64 { 10_000_000 }

  /// Takes reports of which there are very many: those of a generation that takes long come after the others, and wait for the
  /// next step when that has gone on for a while, with what it reports meanwhile.
  private mutating func takeFlood(
    _ reports: [RunReports], at now: ClockReading
  ) -> ClockReading {
    var flood = ReportFlood(reports)
    var held: [RunReports] = []
    var last = now
    var began = timekeeper.clock.elapsed
    let end = began + Self.longestFlood
    while flood.hasCalm || began < end, let batch = flood.next() {
      core.handle(batch, at: last, into: &effects)
      let now = timekeeper.clock.elapsed
      flood.note(batch.generation, took: now - began)
      began = now
      guard isLong(since: last) else { continue }
      last = fireDue()
      var more: [RunReports] = []
      timekeeper.inbox.drain(reports: &more)
      for batch in more where !flood.append(batch) { held.append(batch) }
      began = timekeeper.clock.elapsed
    }
    timekeeper.inbox.putBack(reports: flood.rest + held)
    return last
  }

  /// Fires what is due while much else has come; answers the time.
  private mutating func fireDue() -> ClockReading {
    let now = timekeeper.clock.read()
    while core.advance(to: now, into: &effects, atMost: 1_024) { perform(hasMore: true) }
    perform()
    return now
  }
}

/// Reports in the order in which they are taken: those of generations that take long come last.
private struct ReportFlood {
  /// In nanoseconds.
  private static let long: Int64 = 1_000_000

  private var calm: ArraySlice<RunReports>
  private var flooding: ArraySlice<RunReports> = []
  private var spent: [GenerationID: Int64] = [:]

  init(_ reports: [RunReports]) { calm = reports[...] }

  var hasCalm: Bool { !calm.isEmpty }

  /// What was not taken.
  var rest: [RunReports] { Array(calm + flooding) }

  package mutating func next() -> RunReports? { calm.popFirst() ?? flooding.popFirst() }

  /// A batch of the generation took so many nanoseconds.
  mutating func note(_ generation: GenerationID?, took time: Int64) {
    guard let generation else { return }
    let before = spent[generation, default: 0]
    spent[generation] = before + time
    guard before < Self.long, before + time >= Self.long else { return }
    flooding += calm.filter { $0.generation == generation }
    calm.removeAll { $0.generation == generation }
  }

  /// False for one of a generation that takes long.
  package mutating func append(_ batch: RunReports) -> Bool {
    guard batch.generation.map({ spent[$0, default: 0] < Self.long }) != false else { return false }
    calm.append(batch)
    return true
  }
}
