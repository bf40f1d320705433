import MoonwheelModel
import Triggers

/// Does the commands of one batch. All stores use it, so that all decide alike; they differ in their ``KeyTable``.
///
/// A key that several commands change is read once and written once.
package struct KeyTransaction<Table: KeyTable> {
  /// The most keys that one sweep removes.
  private static var sweepLimit: Int { 256 }
  /// No further command is done after so many bytes of answers.
  private static var answerLimit: Int { 4 << 20 }

  private let table: Table
  private let now: Timestamp
  private let limits: KeyLimits
  /// What the batch has read. The value is nil for a key that does not exist.
  private var entries: [KeyName: KeyEntry?] = [:]
  /// What must still be written.
  private var unwritten: Set<KeyName> = []
  private var spaces: [String: KeySpace] = [:]
  private var changedSpaces: Set<String> = []
  /// The changes of each key, and the order in which they began.
  private var changes: [KeyName: KeyChange] = [:]
  private var changedNames: [KeyName] = []
  private var hasSwept = false
  private var outcome = KeyOutcome()

  private init(_ table: Table, _ batch: KeyBatch) {
    self.table = table
    now = batch.now
    limits = batch.limits
  }

  /// Throws what the table throws; then the caller must take back what the table has changed.
  package static func perform(_ batch: KeyBatch, on table: Table) throws -> KeyOutcome {
    var transaction = KeyTransaction(table, batch)
    var size = 0
    for item in batch.items {
      guard size < answerLimit else { break }
      let answer = try transaction.answer(item)
      size += answer.size
      transaction.outcome.answers.append(answer)
    }
    return try transaction.finish()
  }

  private mutating func finish() throws -> KeyOutcome {
    try write()
    for space in changedSpaces { try table.setSpace(space, spaces[space] ?? KeySpace()) }
    outcome.changes = changedNames.compactMap { changes[$0] }
    return outcome
  }

  /// Writes what the table does not have yet.
  private mutating func write() throws {
    for name in unwritten {
      if let entry = entries[name] ?? nil { try table.put(entry) } else { try table.remove(name) }
    }
    unwritten.removeAll()
  }

  // MARK: Commands

  private mutating func answer(_ item: KeyBatch.Item) throws -> KeyAnswer {
    do {
      switch item.command {
      case .get(let name): return .found(try live(name))
      case .set(let name, let value, let condition, let lifetime):
        return .stored(version: try set(name, value, condition, lifetime, item))
      case .add(let name, let number, let lifetime):
        return try add(name, number, lifetime, item)
      case .delete(let name, let condition):
        let old = try live(name)
        try check(condition, name, old)
        if let old { try remove(old, by: item) }
        return .deleted(old != nil)
      case .list(let page):
        try write()
        return list(page, try table.entries(page.withOneMore, at: now))
      case .sweep:
        try sweep(item)
        return .swept
      case .adopt(let former): return .adopted(hasMore: try adopt(from: former, item))
      }
    } catch let refusal as KeyRefusal {
      return .refused(refusal)
    }
  }

  private mutating func set(
    _ name: KeyName, _ value: [UInt8], _ condition: KeyCondition, _ lifetime: KeyLifetime,
    _ item: KeyBatch.Item
  ) throws -> Int64 {
    let old = try live(name)
    try check(condition, name, old)
    return try put(name, value, expiresAt: expiry(lifetime, old), item)
  }

  private mutating func add(
    _ name: KeyName, _ number: Value, _ lifetime: KeyLifetime, _ item: KeyBatch.Item
  ) throws -> KeyAnswer {
    let old = try live(name)
    let before = old.map { Value(encoded: $0.value) ?? .nil } ?? .integer(0)
    let sum = try before.adding(number, to: name)
    let expiresAt = old == nil ? expiry(lifetime, nil) : old?.expiresAt
    return .added(sum, version: try put(name, sum.encoded, expiresAt: expiresAt, item))
  }

  private func list(_ page: KeyPage, _ found: [KeyEntry]) -> KeyAnswer {
    let kept = found.prefix(max(0, page.limit)).first(\.size, upTo: page.bytes)
    return .listed(kept, hasMore: kept.count < found.count)
  }

  private mutating func sweep(_ item: KeyBatch.Item) throws {
    hasSwept = true
    try write()
    let expired = try table.expired(at: now, limit: Self.sweepLimit)
    for entry in expired { try remove(entry, isExpired: true, by: item) }
    try write()
    outcome.hasMoreToSweep = expired.count == Self.sweepLimit
    outcome.nextExpiry = try table.nextExpiry()
  }

  /// Returns whether there are further keys.
  private mutating func adopt(from former: String, _ item: KeyBatch.Item) throws -> Bool {
    guard former != item.script else { return false }
    try write()
    let page = KeyPage(space: former, prefix: "", limit: Self.sweepLimit)
    let found = try table.entries(page, at: now)
    for entry in found {
      let name = KeyName(space: item.script, entry.name.key)
      _ = try put(name, entry.value, expiresAt: entry.expiresAt, item)
      try remove(entry, by: item)
    }
    return !found.isEmpty
  }

  // MARK: Keys

  /// The key, if it exists at this instant.
  private mutating func live(_ name: KeyName) throws -> KeyEntry? {
    let entry = try stored(name)
    return entry?.isExpired(at: now) == true ? nil : entry
  }

  private mutating func stored(_ name: KeyName) throws -> KeyEntry? {
    if let known = entries[name] { return known }
    let entry = try table.entry(name)
    entries[name] = .some(entry)
    return entry
  }

  private func check(_ condition: KeyCondition, _ name: KeyName, _ old: KeyEntry?) throws {
    switch condition {
    case .none: return
    case .absent:
      if let old {
        throw KeyRefusal(.exists, "\(name.key) exists already, with version \(old.version)")
      }
    case .version(let version):
      guard old?.version != version else { return }
      let present = old.map { "has version \($0.version)" } ?? "does not exist"
      throw KeyRefusal(.conflict, "\(name.key) \(present), not version \(version)")
    }
  }

  private func expiry(_ lifetime: KeyLifetime, _ old: KeyEntry?) -> Timestamp? {
    switch lifetime {
    case .unlimited: nil
    case .unchanged: old?.expiresAt
    case .nanoseconds(let length): now.advanced(by: length)
    }
  }

  /// Throws a ``KeyRefusal`` if there is no room, even after what has expired is gone.
  private mutating func put(
    _ name: KeyName, _ value: [UInt8], expiresAt: Timestamp?, _ item: KeyBatch.Item
  ) throws -> Int64 {
    var entry = KeyEntry(name, value, version: 0, expiresAt: expiresAt)
    var space = try space(name, with: entry)
    if !hasSwept, limits.refusal(of: name, space) != nil {
      try sweep(item)
      space = try self.space(name, with: entry)
    }
    if let refusal = limits.refusal(of: name, space), try grows(entry) {
      throw KeyRefusal(.full, refusal)
    }
    space.lastVersion += 1
    entry.version = space.lastVersion
    keep(space, name)
    entries[name] = .some(entry)
    unwritten.insert(name)
    note(KeyChange(name, version: entry.version, script: item.script, depth: item.depth))
    if let expiresAt { outcome.nextExpiry = min(expiresAt, outcome.nextExpiry ?? expiresAt) }
    return entry.version
  }

  /// Whether it takes more room than what it replaces.
  private mutating func grows(_ entry: KeyEntry) throws -> Bool {
    guard let old = try stored(entry.name) else { return true }
    return entry.size > old.size
  }

  /// What the space becomes when it gets a key.
  private mutating func space(_ name: KeyName, with entry: KeyEntry) throws -> KeySpace {
    var space = try space(name)
    let old = try stored(name)
    space.keys += old == nil ? 1 : 0
    space.bytes += entry.size - (old?.size ?? 0)
    return space
  }

  private mutating func remove(
    _ entry: KeyEntry, isExpired: Bool = false, by item: KeyBatch.Item
  ) throws {
    var space = try space(entry.name)
    space.keys -= 1
    space.bytes -= entry.size
    space.lastVersion += 1
    keep(space, entry.name)
    entries[entry.name] = .some(nil)
    unwritten.insert(entry.name)
    note(
      KeyChange(
        entry.name, version: space.lastVersion, isDeleted: true, isExpired: isExpired,
        script: isExpired ? "" : item.script, depth: isExpired ? 0 : item.depth))
  }

  private mutating func space(_ name: KeyName) throws -> KeySpace {
    if let known = spaces[name.space] { return known }
    let space = try table.space(name.space)
    spaces[name.space] = space
    return space
  }

  private mutating func keep(_ space: KeySpace, _ name: KeyName) {
    spaces[name.space] = space
    changedSpaces.insert(name.space)
  }

  private mutating func note(_ change: KeyChange) {
    if let earlier = changes[change.name] {
      changes[change.name] = change.after(earlier)
    } else {
      changes[change.name] = change
      changedNames.append(change.name)
    }
  }
}

extension KeyPage {
  /// With one more key, which shows whether there are further ones.
  fileprivate var withOneMore: KeyPage {
    var page = self
    page.limit = max(0, limit) + 1
    return page
  }
}

extension Value {
  /// The sum of two numbers, as Lua adds them; throws a ``KeyRefusal`` where Lua would lose something.
  fileprivate func adding(_ number: Value, to name: KeyName) throws(KeyRefusal) -> Value {
    if case .integer(let a) = self, case .integer(let b) = number {
      let (sum, overflows) = a.addingReportingOverflow(b)
      guard !overflows else {
        throw KeyRefusal(.range, "\(name.key): \(a) + \(b) is too large for an integer")
      }
      return .integer(sum)
    }
    guard let a = double, let b = number.double else {
      throw KeyRefusal(.type, "\(name.key) is a \(typeName), not a number")
    }
    guard (a + b).isFinite else {
      throw KeyRefusal(.range, "\(name.key): \(a) + \(b) is not a finite number")
    }
    return .number(a + b)
  }
}
