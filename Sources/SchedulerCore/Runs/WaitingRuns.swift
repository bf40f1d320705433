import MoonwheelModel
import Triggers

/// Runs of one job that wait their turn, oldest first.
final class WaitingRuns {
  enum Item {
    /// Promised to somebody who has the id: never dropped.
    case pending(PendingRun)
    case fire(Timestamp)
    /// One that was missed, to be run whatever `overlap` says.
    case caughtUp(Timestamp)
    case event(Event, at: Timestamp)

    var isPending: Bool {
      if case .pending = self { true } else { false }
    }

    var isCaughtUp: Bool {
      if case .caughtUp = self { true } else { false }
    }
  }

  private var items: [Item?] = []
  private var head = 0
  private(set) var count = 0

  var isEmpty: Bool { count == 0 }

  func append(_ item: Item) {
    items.append(item)
    count += 1
  }

  /// Whether one of them is.
  func contains(where isWanted: (Item) -> Bool) -> Bool {
    items[head...].contains { $0.map(isWanted) ?? false }
  }

  /// The oldest that may go.
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

  /// The oldest, if it is an event, and when it came.
  func removeFirstEvent() -> (Event, at: Timestamp)? {
    guard let index = items[head...].firstIndex(where: { $0 != nil }),
      case .event(let event, let at)? = items[index]
    else { return nil }
    _ = removeFirst()
    return (event, at)
  }

  /// Puts older ones before all others.
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

  /// Amortised O(1): the front is cut off when it is half of all.
  private func compact() {
    while head < items.count, items[head] == nil { head += 1 }
    if head > 32, head * 2 > items.count {
      items.removeFirst(head)
      head = 0
    }
  }
}
