/// A time zone: its offsets from UTC as a sorted list of intervals, complete for 1677 to 2262.
///
/// The initializer expands the rule in a file's footer, so a look-up is an array access and never a call to the system.
/// An index with buckets of 2^24 seconds (194 days) leads to the interval without a search. Immutable; about 20 KB for
/// a zone with summer time.
public final class Zone: Sendable {
  public let name: String
  /// The first second of each interval; the first interval starts before all time.
  let starts: [Int64]
  /// Seconds east of UTC during each interval.
  let offsets: [Int]
  private let buckets: [UInt16]

  public static let utc = Zone(name: "UTC", initial: 0, changes: [])

  /// `changes` must be sorted by time; changes that keep the offset are left out.
  init(name: String, initial: Int, changes: [(at: Int64, offset: Int)]) {
    var starts: [Int64] = [.min]
    var offsets = [initial]
    for change in changes where change.at < Self.lastSecond {
      if change.at < Self.firstSecond - Self.reach {
        offsets = [change.offset]
        continue
      }
      if change.at == starts[starts.count - 1] {
        starts.removeLast()
        offsets.removeLast()
      }
      guard change.offset != offsets.last else { continue }
      starts.append(change.at)
      offsets.append(change.offset)
    }
    self.name = name
    self.starts = starts
    self.offsets = offsets
    buckets = starts.count == 1 ? [] : Self.index(of: starts)
  }

  static let firstSecond = Timestamp.distantPast.seconds
  static let lastSecond = Timestamp.distantFuture.seconds
  private static let bucketBits = 24
  private static let firstBucket = firstSecond >> bucketBits

  private static func index(of starts: [Int64]) -> [UInt16] {
    let count = Int((lastSecond >> bucketBits) - firstBucket) + 1
    var interval = 0
    return (0..<count).map { bucket in
      let first = (firstBucket + Int64(bucket)) << bucketBits
      while interval + 1 < starts.count && starts[interval + 1] <= first { interval += 1 }
      return UInt16(interval)
    }
  }

  /// The interval that holds a second of UTC. O(1) for real zones.
  @inline(__always)
  func interval(at second: Int64) -> Int {
    if starts.count == 1 { return 0 }
    let bucket = (second >> Self.bucketBits) - Self.firstBucket
    var interval = Int(buckets[max(0, min(Int(bucket), buckets.count - 1))])
    while interval + 1 < starts.count && starts[interval + 1] <= second { interval += 1 }
    return interval
  }

  /// The first second after an interval.
  @inline(__always)
  func end(of interval: Int) -> Int64 {
    interval + 1 < starts.count ? starts[interval + 1] : .max
  }

  /// Seconds east of UTC at an instant.
  public func offset(at instant: Timestamp) -> Int {
    offsets[interval(at: instant.seconds)]
  }

  public func localTime(of instant: Timestamp) -> LocalTime {
    LocalTime(secondsSince1970: instant.seconds + Int64(offset(at: instant)))
  }
}

extension Zone: Hashable {
  public static func == (a: Zone, b: Zone) -> Bool { a === b || a.name == b.name }
  public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

/// An instant at which a zone's clocks go forward or back.
public struct Transition: Hashable, Sendable {
  public let at: Timestamp
  /// Seconds east of UTC before and after.
  public let offsetBefore: Int
  public let offsetAfter: Int

  /// Seconds that the clocks go forward; negative when they go back.
  public var shift: Int { offsetAfter - offsetBefore }
  /// The wall times just before and just after the change.
  public var localBefore: LocalTime {
    LocalTime(secondsSince1970: at.seconds + Int64(offsetBefore))
  }
  public var localAfter: LocalTime {
    LocalTime(secondsSince1970: at.seconds + Int64(offsetAfter))
  }
}

/// The instants at which a wall clock shows a given time.
public enum LocalInstants: Hashable, Sendable {
  case one(Timestamp)
  /// The clocks go forward past it.
  case gap(Transition)
  /// The clocks go back, and it comes again.
  case fold(first: Timestamp, last: Timestamp)
}

extension Zone {
  /// The next change of the clocks strictly after an instant, or nil when there is none before 2262.
  public func nextTransition(after instant: Timestamp) -> Transition? {
    transition(into: interval(at: instant.seconds) + 1)
  }

  /// The change that begins an interval.
  func transition(into interval: Int) -> Transition? {
    guard interval > 0 && interval < starts.count else { return nil }
    return Transition(
      at: Timestamp(seconds: starts[interval]), offsetBefore: offsets[interval - 1],
      offsetAfter: offsets[interval])
  }

  /// When a wall clock in this zone shows `local`. O(1).
  public func instants(of local: LocalTime) -> LocalInstants {
    let (first, last) = seconds(showing: local.secondsSince1970)
    guard let first, let last else { return .gap(gap(around: local.secondsSince1970)) }
    if first == last { return .one(Timestamp(seconds: first)) }
    return .fold(first: Timestamp(seconds: first), last: Timestamp(seconds: last))
  }

  /// Offsets in use within a few days of each other differ by a day at most (when Manila and Alaska changed sides of
  /// the date line), so looking this far is enough.
  static let reach: Int64 = 3 * 86400

  /// The first and the last second of UTC at which the clock shows a local second.
  func seconds(showing local: Int64) -> (first: Int64?, last: Int64?) {
    var found: (first: Int64?, last: Int64?) = (nil, nil)
    var interval = interval(at: local - Self.reach)
    while interval < starts.count && starts[interval] <= local + Self.reach {
      let second = local - Int64(offsets[interval])
      if second >= starts[interval] && second < end(of: interval) {
        found.first = found.first ?? second
        found.last = second
      }
      interval += 1
    }
    return found
  }

  /// The change that skips a local second which no instant has.
  private func gap(around local: Int64) -> Transition {
    var interval = interval(at: local - Self.reach) + 1
    while let change = transition(into: interval) {
      if change.localBefore.secondsSince1970 <= local && local < change.localAfter.secondsSince1970
      {
        return change
      }
      interval += 1
    }
    preconditionFailure("local second \(local) exists nowhere in \(name), yet no change skips it")
  }
}
