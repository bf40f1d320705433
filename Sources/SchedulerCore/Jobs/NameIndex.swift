/// A hash table from names to numbers that stores only the numbers and pieces of the hashes. The caller compares the
/// names. With a hundred thousand names it needs a third of the memory of a dictionary, and less than half of the time.
///
/// The table uses open addressing with linear probing and is at most three quarters full. The hashes are those of
/// `String`, which differ from process to process, so that a script cannot choose names that collide.
///
/// In a large script most names are never looked up. So ``append(_:)`` does not put a number into the table at once;
/// ``indexPending(hash:)`` does before the first lookup.
public struct NameIndex: Sendable {
  /// The upper half of a slot is the upper half of the hash, the lower half is the number + 1; 0 is free.
  private var slots: ContiguousArray<UInt64> = []
  /// How many numbers are in the table.
  private var indexedCount = 0
  /// Numbers that are not in the table yet.
  private var pending: ContiguousArray<UInt32> = []

  public var count: Int { indexedCount + pending.count }

  public init() {}

  public static func hash(_ name: String) -> Int { name.hashValue }

  /// Makes room for `count` numbers.
  public mutating func reserve(_ count: Int) {
    var capacity = 16
    while capacity * 3 / 4 < count { capacity *= 2 }
    if capacity > slots.count { rehash(capacity) }
  }

  /// Adds a number whose name is not in the index, without computing the hash. Numbers are below 2³² - 1.
  public mutating func append(_ number: Int) { pending.append(UInt32(number)) }

  /// True if ``indexPending(hash:)`` has numbers to add. Until it does, each lookup compares with all of them.
  public var hasPending: Bool { !pending.isEmpty }

  /// Puts the appended numbers into the table. Call it before a lookup or a removal. `hash` returns the hash of a
  /// number's name.
  public mutating func indexPending(hash: (Int) -> Int) {
    guard hasPending else { return }
    let numbers = pending
    pending = []
    reserve(indexedCount + numbers.count)
    for number in numbers { insert(Int(number), hash: hash(Int(number))) }
  }

  /// The number for which `isNamed` is true and whose name has this hash.
  @inline(__always)
  public func find(hash: Int, where isNamed: (Int) -> Bool) -> Int? {
    if let number = findIndexed(hash: hash, where: isNamed) { return number }
    return pending.first { isNamed(Int($0)) }.map(Int.init)
  }

  @inline(__always)
  private func findIndexed(hash: Int, where isNamed: (Int) -> Bool) -> Int? {
    guard indexedCount > 0 else { return nil }
    let piece = Self.piece(of: hash)
    var index = home(of: piece)
    while slots[index] != 0 {
      if slots[index] >> 32 == piece {
        let number = Int(truncatingIfNeeded: slots[index] & 0xFFFF_FFFF) - 1
        if isNamed(number) { return number }
      }
      index = (index + 1) & (slots.count - 1)
    }
    return nil
  }

  /// Adds a number whose name is not in the index. Numbers are below 2³² - 1.
  public mutating func insert(_ number: Int, hash: Int) {
    if (indexedCount + 1) * 4 > slots.count * 3 { rehash(max(16, slots.count * 2)) }
    store(Self.piece(of: hash) << 32 | UInt64(number + 1))
    indexedCount += 1
  }

  /// Removes a number, if it is in the index under this hash.
  public mutating func remove(_ number: Int, hash: Int) {
    if let index = pending.firstIndex(of: UInt32(number)) {
      pending.remove(at: index)
      return
    }
    guard indexedCount > 0 else { return }
    let slot = Self.piece(of: hash) << 32 | UInt64(number + 1)
    var index = home(of: slot >> 32)
    while slots[index] != slot {
      guard slots[index] != 0 else { return }
      index = (index + 1) & (slots.count - 1)
    }
    slots[index] = 0
    indexedCount -= 1
    closeGap(after: index)
  }

  /// All numbers, in no order.
  public var numbers: [Int] {
    slots.compactMap { $0 == 0 ? nil : Int(truncatingIfNeeded: $0 & 0xFFFF_FFFF) - 1 }
      + pending.map(Int.init)
  }

  private static func piece(of hash: Int) -> UInt64 { UInt64(bitPattern: Int64(hash)) >> 32 }

  /// The index at which the search for a hash begins.
  private func home(of piece: UInt64) -> Int { Int(piece) & (slots.count - 1) }

  /// Puts a slot into the first free index after its home.
  private mutating func store(_ slot: UInt64) {
    var index = home(of: slot >> 32)
    while slots[index] != 0 { index = (index + 1) & (slots.count - 1) }
    slots[index] = slot
  }

  /// Stores the slots that follow the gap again, so that no search for them ends at the gap.
  private mutating func closeGap(after gap: Int) {
    var index = (gap + 1) & (slots.count - 1)
    while slots[index] != 0 {
      let slot = slots[index]
      slots[index] = 0
      store(slot)
      index = (index + 1) & (slots.count - 1)
    }
  }

  private mutating func rehash(_ capacity: Int) {
    let old = slots
    slots = ContiguousArray(repeating: 0, count: capacity)
    for slot in old where slot != 0 { store(slot) }
  }
}
