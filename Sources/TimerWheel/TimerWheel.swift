/// A hierarchical timer wheel: keeps any number of deadlines and hands out those that are reached.
///
/// Pure: it reads no clock and is told the time. Never early: a timer is handed out only at or after
/// its deadline. Inserting, cancelling and rescheduling are O(1) and allocate nothing while `count`
/// stays below what it once was (or was reserved). A pending timer takes 32 bytes.
///
/// **How.** A tick is read as a number with 11 digits to base 64. A timer is kept on the level of
/// the highest digit in which its deadline differs from the wheel's `cursor`, in the slot that this
/// digit of the deadline names:
///
///     cursor 3·17·05    deadline 3·17·40 → level 0, slot 40     due within 64 ticks
///                       deadline 3·20·00 → level 1, slot 20     within 4,096
///                       deadline 7·00·00 → level 2, slot  7     within 262,144
///
/// All of a lower level is therefore due before anything of a higher one, within a level the slots
/// are in order, and the earliest slot is the lowest bit of the lowest occupied level. The cursor
/// enters a slot above level 0 only when that is the earliest; its timers then *cascade*: they agree
/// with the cursor in one digit more, so each moves to a lower level, at most 10 times in its life.
/// A slot knows a lower bound of its deadlines, and the cursor jumps there, not to the slot's start;
/// a lone timer thus cascades once, and a sleeper who follows `nextDeadline` is not woken to cascade.
///
/// **Order.** Timers expire by deadline, those of equal deadlines in the order in which they were
/// inserted or last rescheduled: lists are appended to and emptied from the front, and a cascade
/// starts when all levels below are empty. A deadline that is already past counts as `now`, and so
/// does not overtake what has been due for longer.
///
/// Sources: Varghese and Lauck, *Hashed and Hierarchical Timing Wheels*, 1987, scheme 7; the levels
/// by differing digit and the occupancy bitmaps as in the timer wheel of tokio.
public struct TimerWheel: ~Copyable, Sendable {
  /// The time that the wheel was told last.
  public internal(set) var now: Tick
  /// How many timers are pending.
  public internal(set) var count = 0
  /// The tick that the slots are relative to: the one last expired, or later; never after `now`.
  var cursor: UInt64
  /// A bit for each level that holds a timer.
  var occupiedLevels: UInt32 = 0
  var slab: EntrySlab

  /// Reserve as many timers as are to be expected: whenever the room is used up, it doubles, and all
  /// entries are copied.
  public init(now: Tick, reservingCapacity capacity: Int = 0) {
    self.now = now
    cursor = now.rawValue
    slab = EntrySlab(sentinels: Slot.count, capacity: capacity)
  }

  public var isEmpty: Bool { count == 0 }

  /// Adds a timer; a deadline before `now` counts as `now`. What is not after `now` is due in the
  /// batch that is being popped, if any: who inserts such timers for each one popped must see to an
  /// end.
  public mutating func insert(deadline: Tick, payload: UInt64) -> TimerID {
    let index = slab.allocate()
    slab[index].payload = payload
    append(index, deadline: max(deadline, now).rawValue)
    count &+= 1
    return TimerID(index: index, generation: slab[index].generation)
  }

  /// Removes a timer and returns its payload; nil if it is not pending (any more).
  public mutating func cancel(_ id: TimerID) -> UInt64? {
    guard isPending(id) else { return nil }
    let payload = slab[id.index].payload
    remove(id.index)
    return payload
  }

  /// Gives a timer another deadline, as if inserted anew, but under the same id. Returns false and
  /// does nothing if it is not pending (any more).
  public mutating func reschedule(_ id: TimerID, to deadline: Tick) -> Bool {
    guard isPending(id) else { return false }
    unlink(id.index)
    append(id.index, deadline: max(deadline, now).rawValue)
    return true
  }

  /// When the timer is due, which is not before the `now` at which that was set; nil if the timer is not pending (any more).
  public func deadline(of id: TimerID) -> Tick? {
    isPending(id) ? Tick(slab[id.index].deadline) : nil
  }

  func isPending(_ id: TimerID) -> Bool {
    id.index < slab.used && slab[id.index].generation == id.generation
  }
}
