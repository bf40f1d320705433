import MoonwheelModel
import Moonwheel

/// The fires of a stored job, as far as its row says when they are: the trigger is text there, and what changes with each
/// load (`~`, random gaps) or counts from the start of a host is not in it.
struct StoredTrigger {
  private enum Fires {
    case trigger(Trigger)
    /// Of a text that is relative to the present.
    case instants([Timestamp])
  }

  private let fires: Fires
  private let anchor: Timestamp
  /// How far a recorded instant may be from a computed one.
  let tolerance: Int64

  /// Nil where the fires cannot be told from the row.
  init?(_ job: StoredJob) {
    anchor = job.anchor
    guard job.instants.isEmpty else {
      fires = .instants(job.instants.sorted())
      tolerance = 0
      return
    }
    guard let trigger = Self.trigger(job) else { return nil }
    fires = .trigger(trigger)
    // Elapsed time and wall time drift apart while a host runs.
    if case .every(let period, _) = trigger { tolerance = (period - 1) / 2 } else { tolerance = 0 }
  }

  private static func trigger(_ job: StoredJob) -> Trigger? {
    let isDrawn = job.trigger.contains("~") || job.trigger.contains(" to ")
    let isOfTheStart = job.trigger.hasPrefix("after ") || job.trigger.hasPrefix("cron @reboot")
    guard !isDrawn, !isOfTheStart else { return nil }
    // What a search could not read ends in nil: it is an aid, and no input.
    do throws(TriggerError) {
      guard let parts = job.trigger.wholeMatch(of: identity) else {
        return try Trigger.parse(spec: job.trigger, TriggerOptions(zone: .utc))
      }
      let zone = try SystemZones.shared.zone(named: String(parts.zone))
      let options = TriggerOptions(
        zone: zone, gap: Gap(rawValue: String(parts.gap)), fold: Fold(rawValue: String(parts.fold)),
        hashKey: "\(job.script):\(job.name)", latitude: parts.latitude.flatMap { Double($0) },
        longitude: parts.longitude.flatMap { Double($0) })
      return try Trigger.parse(spec: String(parts.text), options)
    } catch {
      return nil
    }
  }

  /// `Trigger.identity` of one on wall time; a combination has more behind it.
  private static var identity:
    Regex<
      (
        Substring, text: Substring, zone: Substring, gap: Substring, fold: Substring,
        latitude: Substring?, longitude: Substring?
      )
    >
  {
    /(?<text>.+) in (?<zone>[^ ]+), gap (?<gap>\w+), fold (?<fold>\w+)(?: at (?<latitude>[-\d.e]+), (?<longitude>[-\d.e]+))?/
  }

  /// Nil where they say less than the text.
  var words: String? {
    if case .trigger(let trigger) = fires { trigger.words } else { nil }
  }

  func next(after instant: Timestamp) -> Timestamp? {
    switch fires {
    case .trigger(let trigger): trigger.next(after: instant, anchor: anchor)
    case .instants(let instants): instants.first { $0 > instant }
    }
  }

  /// The last fires up to an instant, oldest first, and none before another one.
  func last(_ count: Int, through end: Timestamp, notBefore start: Timestamp) -> [Timestamp] {
    var span: Int64 = 1_000_000
    while true {
      let from = max(start, end.advanced(by: -span)).advanced(by: -1)
      var found: [Timestamp] = []
      var last = from
      // More than enough of them: the span before had too few.
      while let fire = next(after: last), fire <= end, found.count < 10_000 {
        found.append(fire)
        last = fire
      }
      if found.count >= count || from < start { return Array(found.suffix(count)) }
      span = span > .max / 4 ? .max : span * 4
    }
  }
}
