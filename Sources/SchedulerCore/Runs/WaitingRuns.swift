import MoonwheelModel
import Triggers

/// The runs of one job that wait for their turn, oldest first.
final class WaitingRuns {
  enum Item {
    /// A pending run. It is never skipped, since somebody may have its id; only a cancel of the job ends it.
    case pending(Boxed<PendingRun>)
    case fire(Timestamp)
    /// A missed fire that is caught up, whatever `overlap` says.
    case caughtUp(Timestamp)
    case event(Event, at: Timestamp)

    /// The nominal instant of the run.
    var instant: Timestamp {
      switch self {
      case .pending(let pending): pending.content.scheduledAt
      case .fire(let at), .caughtUp(let at), .event(_, let at): at
      }
    }

    var pending: Boxed<PendingRun>? {
      if case .pending(let pending) = self { pending } else { nil }
    }

    var isPending: Bool { if case .pending = self { true } else { false } }

    var isEvent: Bool { if case .event = self { true } else { false } }

    var isCaughtUp: Bool { if case .caughtUp = self { true } else { false } }
  }

  private var items: [Item?] = []
  private var head = 0
  private(set) var count = 0

  var isEmpty: Bool { count == 0 }

  func append(_ item: Item) {
    items.append(item)
    count += 1
  }

  func contains(where isWanted: (Item) -> Bool) -> Bool {
    items[head...].contains { $0.map(isWanted) ?? false }
  }

  /// Removes and returns the oldest item for which `mayGo` is true.
  func removeFirst(where mayGo: (Item) -> Bool = { _ in true }) -> Item? {
    guard count > 0 else { return nil }
    guard let index = items[head...].firstIndex(where: { $0.map(mayGo) ?? false }) else {
      return nil
    }
    defer { compact() }
    let item = items[index]
    items[index] = nil
    count -= 1
    return item
  }

  /// Removes and returns the oldest item if it is an event, with the time at which it came.
  func removeFirstEvent() -> (Event, at: Timestamp)? {
    guard let index = items[head...].firstIndex(where: { $0 != nil }),
      case .event(let event, let at)? = items[index]
    else { return nil }
    _ = removeFirst()
    return (event, at)
  }

  /// Inserts older items at the front.
  func prepend(_ older: [Item]) {
    items.replaceSubrange(..<head, with: older.map(Optional.some))
    head = 0
    count += older.count
  }

  func removeAll(where shouldRemove: (Item) -> Bool) -> [Item] {
    let removed = items[head...].compactMap { $0 }.filter(shouldRemove)
    items = items[head...].filter { $0.map { !shouldRemove($0) } ?? false }
    head = 0
    count = items.count
    return removed
  }

  /// Removes the empty front once it is half of the storage. Amortised O(1).
  private func compact() {
    while head < items.count, items[head] == nil { head += 1 }
    if head > 32, head * 2 > items.count {
      items.removeFirst(head)
      head = 0
    }
  }
}
