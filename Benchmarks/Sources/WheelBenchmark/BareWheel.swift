/// A minimal hierarchical wheel, as one would write it in C: bare pointers, no ids, no free list, lists that are
/// stacks. The cost of the real wheel beyond it is the price of its guarantees.
///
/// Safe for timers below the given number, as long as only pending timers are cancelled.
@safe
struct BareWheel: MeasuredWheel, ~Copyable {
  @unsafe
  private struct Timer {
    var next: UnsafeMutablePointer<Timer>?
    var link: UnsafeMutablePointer<UnsafeMutablePointer<Timer>?>?
    var deadline: UInt64
    var level: Int
  }

  private typealias List = UnsafeMutablePointer<Timer>?

  private static let levels = 8
  private let timers: UnsafeMutablePointer<Timer>
  private let slots: UnsafeMutablePointer<List>
  private let occupied: UnsafeMutablePointer<UInt64>
  private var elapsed: UInt64 = 0

  init(timers count: Int) {
    unsafe timers = .allocate(capacity: count)
    unsafe timers.initialize(
      repeating: Timer(next: nil, link: nil, deadline: 0, level: 0), count: count)
    unsafe slots = .allocate(capacity: Self.levels * 64)
    unsafe slots.initialize(repeating: nil, count: Self.levels * 64)
    unsafe occupied = .allocate(capacity: Self.levels)
    unsafe occupied.initialize(repeating: 0, count: Self.levels)
  }

  deinit {
    unsafe timers.deallocate()
    unsafe slots.deallocate()
    unsafe occupied.deallocate()
  }

  mutating func insert(_ timer: Int, deadline: UInt64) {
    unsafe timers[timer].deadline = deadline
    unsafe put(timers + timer)
  }

  mutating func cancel(_ timer: Int) {
    let node = unsafe timers + timer
    unsafe node.pointee.link?.pointee = node.pointee.next
    if let next = unsafe node.pointee.next { unsafe next.pointee.link = unsafe node.pointee.link }
    let level = unsafe node.pointee.level
    let digit = unsafe Int(truncatingIfNeeded: node.pointee.deadline &>> (6 &* level) & 63)
    if unsafe slots[level &* 64 &+ digit] == nil { unsafe occupied[level] &= ~(1 &<< digit) }
  }

  mutating func reschedule(_ timer: Int, to deadline: UInt64) {
    cancel(timer)
    insert(timer, deadline: deadline)
  }

  private func put(_ node: UnsafeMutablePointer<Timer>) {
    let deadline = unsafe node.pointee.deadline
    let level = (63 &- ((elapsed ^ deadline) | 63).leadingZeroBitCount) / 6
    let digit = Int(truncatingIfNeeded: deadline &>> (6 &* level) & 63)
    let slot = unsafe slots + (level &* 64 &+ digit)
    unsafe node.pointee.level = level
    unsafe node.pointee.next = slot.pointee
    if let next = unsafe slot.pointee { unsafe next.pointee.link = mutableLink(of: node) }
    unsafe node.pointee.link = slot
    unsafe slot.pointee = node
    unsafe occupied[level] |= 1 &<< digit
  }

  private func mutableLink(
    of node: UnsafeMutablePointer<Timer>
  ) -> UnsafeMutablePointer<UnsafeMutablePointer<Timer>?> {
    // `next` is the first field.
    unsafe UnsafeMutableRawPointer(node).assumingMemoryBound(to: List.self)
  }

  mutating func expire(at now: UInt64, again: () -> UInt64?) -> Int {
    var count = 0
    while let level = (0..<Self.levels).first(where: { unsafe occupied[$0] != 0 }) {
      let digit = unsafe occupied[level].trailingZeroBitCount
      let above = (elapsed &>> (6 &* level)) &>> 6
      let start = (above &<< 6 | UInt64(digit)) &<< (6 &* level)
      if start > now { break }
      elapsed = max(elapsed, start)
      var list = unsafe slots[level &* 64 &+ digit]
      unsafe slots[level &* 64 &+ digit] = nil
      unsafe occupied[level] &= ~(1 &<< digit)
      while let node = unsafe list {
        unsafe list = node.pointee.next
        if unsafe node.pointee.deadline > elapsed {
          unsafe put(node)
          continue
        }
        count += 1
        if let delay = again() {
          unsafe node.pointee.deadline = now + delay
          unsafe put(node)
        }
      }
    }
    elapsed = now
    return count
  }
}
