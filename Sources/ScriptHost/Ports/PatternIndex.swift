import MoonwheelModel

/// Finds the keys whose patterns match an event name: literal names by lookup, other patterns by trying each distinct
/// one. Insertion and removal are O(1).
struct PatternIndex<Key: Hashable & Sendable>: Sendable {
  private typealias Order = UInt64

  private struct Wild {
    var keys: [Key: Order] = [:]
    /// Whether the pattern can match a host event. Most events are host events, and most patterns match none of them.
    let matchesHostEvents: Bool
  }

  private var literal: [String: [Key: Order]] = [:]
  private var wild: [EventPattern: Wild] = [:]
  private var last: Order = 0

  mutating func insert(_ key: Key, _ pattern: EventPattern) {
    last += 1
    if let name = pattern.literal {
      literal[name, default: [:]][key] = last
    } else {
      wild[pattern, default: Wild(matchesHostEvents: pattern.matchesHostEvents)].keys[key] = last
    }
  }

  mutating func remove(_ key: Key, _ pattern: EventPattern) {
    if let name = pattern.literal {
      literal[name]?[key] = nil
      if literal[name]?.isEmpty == true { literal[name] = nil }
    } else {
      wild[pattern]?.keys[key] = nil
      if wild[pattern]?.keys.isEmpty == true { wild[pattern] = nil }
    }
  }

  /// In order of insertion, keys of literal names first.
  func keys(matching name: String) -> [Key] {
    let named = literal[name].map { Self.sorted(Array($0)) } ?? []
    guard !wild.isEmpty else { return named }
    let parts = EventPattern.parts(of: name)
    var matching: [(key: Key, value: Order)] = []
    let isHostEvent = HostEvent.names.contains(name)
    for (pattern, wild) in wild where wild.matchesHostEvents || !isHostEvent {
      if pattern.matches(parts: parts) { matching += wild.keys }
    }
    return matching.isEmpty ? named : named + Self.sorted(matching)
  }

  private static func sorted(_ keys: [(key: Key, value: Order)]) -> [Key] {
    keys.count == 1 ? [keys[0].key] : keys.sorted { $0.value < $1.value }.map(\.key)
  }
}

/// Bounds the patterns of a script's handlers, or of its waits: the host compares each event name with every pattern.
/// Equal patterns count once; literal names are looked up, and do not count.
struct PatternQuota: Sendable {
  /// The most patterns; each alternative counts.
  static let limit = 100

  private var users: [EventPattern: Int] = [:]
  private var comparisons = 0

  func hasRoom(for pattern: EventPattern) -> Bool {
    let cost = pattern.comparisons
    return cost == 0 || comparisons + cost <= Self.limit || users[pattern] != nil
  }

  mutating func add(_ pattern: EventPattern) {
    let cost = pattern.comparisons
    guard cost > 0 else { return }
    let before = users[pattern, default: 0]
    users[pattern] = before + 1
    if before == 0 { comparisons += cost }
  }

  mutating func remove(_ pattern: EventPattern) {
    guard let count = users[pattern] else { return }
    users[pattern] = count > 1 ? count - 1 : nil
    if count == 1 { comparisons -= pattern.comparisons }
  }

  var isEmpty: Bool { users.isEmpty }
}
