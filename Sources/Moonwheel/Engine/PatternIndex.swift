import MoonwheelCore

/// Keys by the event names that they want: those of plain names are found by the name, the others by trying each.
struct PatternIndex<Key: Hashable & Sendable>: Sendable {
  private var literal: [String: [Key]] = [:]
  private var wild: [(pattern: EventPattern, key: Key)] = []

  mutating func insert(_ key: Key, _ pattern: EventPattern) {
    if let name = pattern.literal {
      literal[name, default: []].append(key)
    } else {
      wild.append((pattern, key))
    }
  }

  mutating func remove(_ key: Key, _ pattern: EventPattern) {
    guard let name = pattern.literal else {
      wild.removeAll { $0.key == key }
      return
    }
    literal[name]?.removeAll { $0 == key }
    if literal[name]?.isEmpty == true { literal[name] = nil }
  }

  /// In order of insertion, plain names first.
  func keys(matching name: String) -> [Key] {
    var keys = literal[name] ?? []
    for (pattern, key) in wild where pattern.matches(name) { keys.append(key) }
    return keys
  }
}
