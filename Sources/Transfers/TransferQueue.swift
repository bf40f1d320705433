import DequeModule

/// Whose turn it is to send: so many requests at once of each owner and of all, the others wait, and the owners take turns.
struct TransferQueue {
  /// How many may be under way, of one owner and of all, and how many may wait.
  static let (mostOfOne, most, mostWaiting) = (64, 1_024, 4_096)

  private var running: [String: Int] = [:]
  private var count = 0
  private var waiting: [String: Deque<UInt64>] = [:]
  /// The owners that have requests which wait, in the order of their turns.
  private var turns: Deque<String> = []
  private(set) var waitingCount = 0

  var isFull: Bool { waitingCount >= Self.mostWaiting }

  /// Takes a place, if there is one.
  mutating func begin(_ owner: String) -> Bool {
    let own = running[owner] ?? 0
    guard own < Self.mostOfOne, count < Self.most else { return false }
    running[owner] = own + 1
    count += 1
    return true
  }

  mutating func wait(_ id: UInt64, of owner: String) {
    if waiting[owner, default: []].isEmpty { turns.append(owner) }
    waiting[owner, default: []].append(id)
    waitingCount += 1
  }

  mutating func forget(_ id: UInt64, of owner: String) {
    guard let index = waiting[owner]?.firstIndex(of: id) else { return }
    waiting[owner]?.remove(at: index)
    waitingCount -= 1
    guard waiting[owner]?.isEmpty == true else { return }
    waiting[owner] = nil
    turns.removeAll { $0 == owner }
  }

  mutating func end(_ owner: String) {
    let own = (running[owner] ?? 1) - 1
    running[owner] = own == 0 ? nil : own
    count -= 1
  }

  /// The next one to begin, which has its place; nil if none can.
  mutating func next() -> UInt64? {
    guard waitingCount > 0 else { return nil }
    for _ in 0..<turns.count {
      guard let owner = turns.popFirst() else { return nil }
      guard begin(owner) else {
        turns.append(owner)
        continue
      }
      let id = waiting[owner]?.popFirst()
      if waiting[owner]?.isEmpty == true { waiting[owner] = nil } else { turns.append(owner) }
      waitingCount -= 1
      return id
    }
    return nil
  }
}
