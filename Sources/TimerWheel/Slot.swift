/// One of the 64 lists of a level of a wheel.
///
/// Its number is `64 * level + digit`, which is also the index of its list's sentinel in the slab.
struct Slot {
  /// 11 digits of 6 bits hold all 64 bits of a tick. The topmost has 4 bits and uses 16 slots.
  static let levels = 11
  static let count = levels * 64

  var sentinel: UInt32

  init(sentinel: UInt32) {
    self.sentinel = sentinel
  }

  init(level: Int, digit: Int) {
    sentinel = UInt32(truncatingIfNeeded: level &<< 6 | digit)
  }

  /// The slot in which a wheel at `cursor` keeps a timer with a deadline that is not before `cursor`: on the level of
  /// the highest digit in which the two differ, by that digit of `deadline`.
  init(for deadline: UInt64, from cursor: UInt64) {
    let differing = (deadline ^ cursor) | 63
    let level = (63 &- differing.leadingZeroBitCount) / 6
    self.init(level: level, digit: Int(truncatingIfNeeded: deadline &>> (6 &* level) & 63))
  }

  var level: Int { Int(sentinel &>> 6) }

  var digit: Int { Int(sentinel & 63) }

  /// The first tick of this slot, for a cursor before its end.
  func start(from cursor: UInt64) -> UInt64 {
    let shift = UInt64(6 &* level)
    let above = (cursor &>> shift) &>> 6
    return (above &<< 6 | UInt64(digit)) &<< shift
  }
}
