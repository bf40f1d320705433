/// What becomes of a wall time that a change of the clocks skips.
public enum Gap: String, Hashable, Sendable, CaseIterable {
  /// The first instant after the gap: 02:30 becomes 03:00.
  case after
  /// As far past the gap as it would have been into it: 02:30 becomes 03:30.
  case shift
  /// It does not fire.
  case skip
}

/// Which pass counts of a wall time that comes twice.
public enum Fold: String, Hashable, Sendable, CaseIterable {
  case first, last, both
}

/// What the text of a trigger does not say by itself.
public struct TriggerOptions: Sendable {
  public var zone: Zone
  /// Nil is the default of the kind of trigger: `after` for fixed times, `skip` for wildcards.
  public var gap: Gap?
  /// Nil is the default of the kind of trigger: `first` for fixed times, `both` for wildcards.
  public var fold: Fold?
  /// What `H` hashes: script and job name.
  public var hashKey: String
  /// What `~` and random gaps are drawn from, for each key its own.
  public var seed: UInt64
  /// The present, for texts such as "tomorrow 09:00".
  public var now: Timestamp
  /// Degrees north and east, for sunrise and its kin.
  public var latitude: Double?
  public var longitude: Double?

  public init(
    zone: Zone = .utc, gap: Gap? = nil, fold: Fold? = nil, hashKey: String = "", seed: UInt64 = 0,
    now: Timestamp = Timestamp(seconds: 0), latitude: Double? = nil, longitude: Double? = nil
  ) {
    self.zone = zone
    self.gap = gap
    self.fold = fold
    self.hashKey = hashKey
    self.seed = seed
    self.now = now
    self.latitude = latitude
    self.longitude = longitude
  }
}

extension TriggerOptions {
  /// Jobs that say the same draw different numbers.
  var ownSeed: UInt64 { hashKey.isEmpty ? seed : Draw(hashKey).value(seed) }
}

/// The policy for clock changes, resolved for one trigger.
struct ClockPolicy: Hashable, Sendable {
  var gap: Gap
  var fold: Fold

  static let fixed = ClockPolicy(gap: .after, fold: .first)
  static let wildcard = ClockPolicy(gap: .skip, fold: .both)

  init(gap: Gap, fold: Fold) {
    self.gap = gap
    self.fold = fold
  }

  init(_ options: TriggerOptions, wildcard: Bool) {
    let base: ClockPolicy = wildcard ? .wildcard : .fixed
    gap = options.gap ?? base.gap
    fold = options.fold ?? base.fold
  }
}
