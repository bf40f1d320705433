import MoonwheelModel
import SystemZones
import Triggers

/// The fires of a stored job, computed from its row.
///
/// The row has the trigger as text. Its fires cannot be computed if the trigger draws random numbers at each load (`~`,
/// random gaps), or counts from the start of a host.
package struct StoredTrigger {
  private enum Fires {
    case trigger(Trigger)
    /// The text is relative to the time of the load; these are the instants that it meant at that time.
    case instants([Timestamp])
  }

  private let fires: Fires
  private let anchor: Timestamp
  /// Nanoseconds by which a recorded instant may differ from the computed one.
  let tolerance: Int64

  /// Nil if the row does not say when the job fires.
  package init?(_ job: StoredJob) {
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
    let isRandom = job.trigger.contains("~") || job.trigger.contains(" to ")
    let countsFromStart = job.trigger.hasPrefix("after ") || job.trigger.hasPrefix("cron @reboot")
    guard !isRandom, !countsFromStart else { return nil }
    // `Trigger.identity` of a trigger on wall time; that of a combination is longer.
    let identity =
      /(?<text>.+) in (?<zone>[^ ]+), gap (?<gap>\w+), fold (?<fold>\w+)(?: at (?<latitude>[-\d.e]+), (?<longitude>[-\d.e]+))?/
    // The user did not write this text, so an error in it is not reported.
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

  /// The trigger in words; nil if only instants are known.
  package var words: String? {
    if case .trigger(let trigger) = fires { trigger.words } else { nil }
  }

  package func next(after instant: Timestamp) -> Timestamp? { first(1, after: instant).first }

  /// The first fires after `start` through `end`, oldest first, `count` at most.
  func first(
    _ count: Int, after start: Timestamp, through end: Timestamp = .distantFuture
  ) -> [Timestamp] {
    switch fires {
    case .trigger(let trigger):
      trigger.fires(after: start, through: end, anchor: anchor, most: count)
    case .instants(let instants): Array(instants.filter { start < $0 && $0 <= end }.prefix(count))
    }
  }

  /// The last fires from `start` through `end`, oldest first, `count` at most.
  package func last(_ count: Int, through end: Timestamp, notBefore start: Timestamp) -> [Timestamp]
  {
    var span: Int64 = 1_000_000
    while true {
      let from = max(start, end.advanced(by: -span)).advanced(by: -1)
      // The bound suffices: a quarter of this span had fewer than `count` fires.
      let found = first(10_000, after: from, through: end)
      if found.count >= count || from < start || span == .max { return Array(found.suffix(count)) }
      span = span > .max / 4 ? .max : span * 4
    }
  }
}
