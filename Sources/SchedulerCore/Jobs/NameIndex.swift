/// Numbers by name: a hash table that holds numbers and pieces of their hashes alone, while the names lie where the numbers
/// lead. With a hundred thousand names it takes a third of the memory of a dictionary, and less than half of its time.
///
/// Open addressing with linear probing, half to three quarters full at most; hashes are those of `String`, which differ from
/// process to process, so that a script cannot choose names that collide.
///
/// Most names of many are never looked for. So what is added by ``append(_:)`` is put into the table with the first look
/// (``settle(hash:)``).
public struct NameIndex: Sendable {
  /// The upper half is of the hash, the lower half the number + 1; 0 is free.
  private var slots: ContiguousArray<UInt64> = []
  private var settled = 0
  /// Numbers that are not in the table yet.
  private var pending: ContiguousArray<UInt32> = []

  public var count: Int { settled + pending.count }

  public init() {}

  public static func hash(_ name: String) -> Int { name.hashValue }

  /// Makes room for so many.
  public mutating func reserve(_ count: Int) {
    var capacity = 16
    while capacity * 3 / 4 < count { capacity *= 2 }
    if capacity > slots.count { rehash(capacity) }
  }

  /// Adds one whose name it does not have, and whose hash nobody needs before something is looked for. Numbers are below
  /// 2³² - 1.
  public mutating func append(_ number: Int) { pending.append(UInt32(number)) }

  /// Whether ``settle(hash:)`` has something to do: else each look goes through all that was appended.
  public var isUnsettled: Bool { !pending.isEmpty }

  /// To be called before something is looked for or taken out, with what tells the hash of a number's name.
  public mutating func settle(hash: (Int) -> Int) {
    guard isUnsettled else { return }
    let numbers = pending
    pending = []
    reserve(settled + numbers.count)
    for number in numbers { insert(Int(number), hash: hash(Int(number))) }
  }

  /// The number whose name has this hash and is the one that is looked for.
  @inline(__always)
  public func find(hash: Int, where isNamed: (Int) -> Bool) -> Int? {
    if let number = findSettled(hash: hash, where: isNamed) { return number }
    return pending.first { isNamed(Int($0)) }.map(Int.init)
  }

  @inline(__always)
  private func findSettled(hash: Int, where isNamed: (Int) -> Bool) -> Int? {
    guard settled > 0 else { return nil }
    let piece = Self.piece(of: hash)
    var place = home(of: piece)
    while slots[place] != 0 {
      if slots[place] >> 32 == piece {
        let number = Int(truncatingIfNeeded: slots[place] & 0xFFFF_FFFF) - 1
        if isNamed(number) { return number }
      }
      place = (place + 1) & (slots.count - 1)
    }
    return nil
  }

  /// For a name that it does not have. Numbers are below 2³² - 1.
  public mutating func insert(_ number: Int, hash: Int) {
    if (settled + 1) * 4 > slots.count * 3 { rehash(max(16, slots.count * 2)) }
    place(Self.piece(of: hash) << 32 | UInt64(number + 1))
    settled += 1
  }

  /// Takes out a number, if it is there under this hash.
  public mutating func remove(_ number: Int, hash: Int) {
    if let place = pending.firstIndex(of: UInt32(number)) {
      pending.remove(at: place)
      return
    }
    guard settled > 0 else { return }
    let slot = Self.piece(of: hash) << 32 | UInt64(number + 1)
    var place = home(of: slot >> 32)
    while slots[place] != slot {
      guard slots[place] != 0 else { return }
      place = (place + 1) & (slots.count - 1)
    }
    slots[place] = 0
    settled -= 1
    closeGap(after: place)
  }

  /// In no order.
  public var numbers: [Int] {
    slots.compactMap { $0 == 0 ? nil : Int(truncatingIfNeeded: $0 & 0xFFFF_FFFF) - 1 }
      + pending.map(Int.init)
  }

  private static func piece(of hash: Int) -> UInt64 { UInt64(bitPattern: Int64(hash)) >> 32 }

  private func home(of piece: UInt64) -> Int { Int(piece) & (slots.count - 1) }

  private mutating func place(_ slot: UInt64) {
    var place = home(of: slot >> 32)
    while slots[place] != 0 { place = (place + 1) & (slots.count - 1) }
    slots[place] = slot
  }

  /// Those that follow and are not at home come closer, so that no search ends too early.
  private mutating func closeGap(after gap: Int) {
    var place = (gap + 1) & (slots.count - 1)
    while slots[place] != 0 {
      let slot = slots[place]
      slots[place] = 0
      self.place(slot)
      place = (place + 1) & (slots.count - 1)
    }
  }

  private mutating func rehash(_ capacity: Int) {
    let old = slots
    slots = ContiguousArray(repeating: 0, count: capacity)
    for slot in old where slot != 0 { place(slot) }
  }
}
