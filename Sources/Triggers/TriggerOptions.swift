/// The context in which the text of a trigger is read.
public struct TriggerOptions: Sendable {
  public var zone: Zone
  /// Nil stands for the default of the kind of trigger: `after` for fixed times, `skip` for wildcards.
  public var gap: Gap?
  /// Nil stands for the default of the kind of trigger: `first` for fixed times, `both` for wildcards.
  public var fold: Fold?
  /// The text that `H` hashes: script and job name.
  public var hashKey: String
  /// The seed of `~` and random gaps. Each key gets random numbers of its own.
  public var seed: UInt64
  /// The present, for texts such as "tomorrow 09:00".
  public var now: Timestamp
  /// Degrees north and east, for events of the sun.
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
  /// A seed for this job, so that jobs with equal triggers get different numbers.
  var ownSeed: UInt64 { hashKey.isEmpty ? seed : SeededRandom(hashKey).value(seed) }
}

extension ClockPolicy {
  init(_ options: TriggerOptions, wildcard: Bool) {
    let base: ClockPolicy = wildcard ? .wildcard : .fixed
    gap = options.gap ?? base.gap
    fold = options.fold ?? base.fold
  }
}
