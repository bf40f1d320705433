import DequeModule
import MoonwheelModel

/// The commands on keys that wait for the writer. Scripts take turns, so one that floods the writer delays another by
/// one batch at most; the commands of one script stay in order.
///
/// It has no bound of its own: each command belongs to a run that waits, which counts for the memory of its script.
struct KeyQueue: Sendable {
  /// A command, and who waits for its answer.
  struct Entry: Sendable {
    var item: KeyBatch.Item
    var answer: @Sendable (Result<KeyAnswer, StoreError>) -> Void
  }

  /// The most commands of one batch, and the most bytes of these.
  private static let batchLimit = 2_000
  private static let byteLimit = 4 << 20

  private var entries: [String: Deque<Entry>] = [:]
  /// The scripts with commands; the next in turn first.
  private var scripts: Deque<String> = []
  /// How many commands there were so far.
  private(set) var count: UInt64 = 0

  var isEmpty: Bool { scripts.isEmpty }

  mutating func append(_ entry: Entry) {
    let script = entry.item.script
    count &+= 1
    if entries[script] == nil { scripts.append(script) }
    entries[script, default: []].append(entry)
  }

  /// Takes the commands of the next batch.
  mutating func next() -> [Entry] {
    var taken: [Entry] = []
    var bytes = 0
    while taken.count < Self.batchLimit, bytes < Self.byteLimit, let script = scripts.popFirst() {
      guard let entry = entries[script]?.popFirst() else { continue }
      if entries[script]?.isEmpty == true { entries[script] = nil } else { scripts.append(script) }
      bytes += entry.item.command.size
      taken.append(entry)
    }
    return taken
  }

  /// Puts commands back that were taken last and not done.
  mutating func putBack(_ rest: some BidirectionalCollection<Entry>) {
    for entry in rest.reversed() {
      let script = entry.item.script
      if entries[script] == nil { scripts.prepend(script) }
      entries[script, default: []].prepend(entry)
    }
  }

  mutating func removeAll() -> [Entry] {
    defer { (entries, scripts) = ([:], []) }
    return scripts.flatMap { entries[$0] ?? [] }
  }
}
