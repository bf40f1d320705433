/// A hierarchical timer wheel: keeps any number of deadlines and returns those that are reached.
///
/// Pure: it reads no clock, the caller passes the time. Never early: the wheel returns a timer only at or after its
/// deadline. Inserting, cancelling and rescheduling are O(1) and allocate nothing while `count` stays below its highest
/// value so far (or the reserved capacity). A pending timer takes 32 bytes.
///
/// **How.** A tick is a number with 11 digits to base 64. A timer is on the level of the highest digit in which its
/// deadline differs from the wheel's `cursor`, in the slot that this digit of the deadline names:
///
///     cursor 3·17·05    deadline 3·17·40 → level 0, slot 40     due within 64 ticks
///                       deadline 3·20·00 → level 1, slot 20     within 4,096
///                       deadline 7·00·00 → level 2, slot  7     within 262,144
///
/// So all timers of a lower level are due before any of a higher one, the slots of a level are in order, and the
/// earliest slot is the lowest bit of the lowest occupied level. The cursor enters a slot above level 0 only if that is
/// the earliest; its timers then *cascade*: they agree with the cursor in one more digit, so each moves to a lower
/// level, at most 10 times in its life. A slot keeps a lower bound of its deadlines, and the cursor jumps there, not to
/// the slot's start; so a lone timer cascades once, and a thread that sleeps until `nextDeadline` is not woken to
/// cascade.
///
/// **Order.** Timers expire in the order of deadlines; those with equal deadlines in the order in which they were
/// inserted or last rescheduled, because lists are appended to and emptied from the front, and a cascade starts only
/// when all levels below are empty. A deadline before `now` counts as `now`, so such a timer does not overtake those
/// that were due earlier.
///
/// Sources: Varghese and Lauck, *Hashed and Hierarchical Timing Wheels*, 1987, scheme 7; levels by differing digit and
/// occupancy bitmaps as in the timer wheel of tokio.
public struct TimerWheel: ~Copyable, Sendable {
  /// The latest time that the caller has passed.
  public internal(set) var now: Tick
  /// How many timers are pending.
  public internal(set) var count = 0
  /// The tick that the slots are relative to: that of the last expired timer or a later one, but never after `now`.
  var cursor: UInt64
  /// One bit for each level; set if the level holds a timer.
  var occupiedLevels: UInt32 = 0
  var slab: EntrySlab

  /// Reserve room for the expected number of timers: when the room is used up, the wheel doubles it and copies all
  /// entries.
  public init(now: Tick, reservingCapacity capacity: Int = 0) {
    self.now = now
    cursor = now.rawValue
    slab = EntrySlab(sentinels: Slot.count, capacity: capacity)
  }

  public var isEmpty: Bool { count == 0 }

  /// Adds a timer. A deadline before `now` counts as `now`.
  ///
  /// A timer that is due at `now` belongs to the batch that the caller is popping, if any. A caller that inserts such a
  /// timer for each one it pops never ends.
  public mutating func insert(deadline: Tick, payload: UInt64) -> TimerID {
    let index = slab.allocate()
    slab[index].payload = payload
    append(index, deadline: max(deadline, now).rawValue)
    count &+= 1
    return TimerID(index: index, generation: slab[index].generation)
  }

  /// Removes a timer and returns its payload; nil if it is not pending.
  public mutating func cancel(_ id: TimerID) -> UInt64? {
    guard isPending(id) else { return nil }
    let payload = slab[id.index].payload
    remove(id.index)
    return payload
  }

  /// Gives a timer another deadline, as if it were cancelled and inserted again, but keeps its id. Returns false and
  /// does nothing if it is not pending.
  public mutating func reschedule(_ id: TimerID, to deadline: Tick) -> Bool {
    guard isPending(id) else { return false }
    unlink(id.index)
    append(id.index, deadline: max(deadline, now).rawValue)
    return true
  }

  /// The timer's deadline, which is not before the `now` at which it was set; nil if the timer is not pending.
  public func deadline(of id: TimerID) -> Tick? {
    isPending(id) ? Tick(slab[id.index].deadline) : nil
  }

  func isPending(_ id: TimerID) -> Bool {
    id.index < slab.used && slab[id.index].generation == id.generation
  }
}
