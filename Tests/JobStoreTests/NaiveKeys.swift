import JobStore
import MoonwheelModel
import Triggers

/// Keys in one list, searched from end to end.
struct NaiveKeys {
  private var entries: [KeyEntry] = []
  private var versions: [String: Int64] = [:]
  /// A batch looks once for room.
  private var hasSwept = false

  mutating func perform(_ batch: KeyBatch) -> KeyOutcome {
    hasSwept = false
    var outcome = KeyOutcome()
    var changes: [KeyChange] = []
    for item in batch.items {
      let answer = answer(item, batch, &outcome, &changes)
      outcome.answers.append(answer)
    }
    for change in changes {
      let same = changes.filter { $0.name == change.name }
      guard !outcome.changes.contains(where: { $0.name == change.name }), var last = same.last
      else { continue }
      last.depth = same.map(\.depth).min() ?? 0
      outcome.changes.append(last)
    }
    return outcome
  }

  private mutating func answer(
    _ item: KeyBatch.Item, _ batch: KeyBatch, _ outcome: inout KeyOutcome,
    _ changes: inout [KeyChange]
  ) -> KeyAnswer {
    let now = batch.now
    switch item.command {
    case .get(let name): return .found(live(name, now))
    case .set(let name, let value, let condition, let lifetime):
      if let refusal = refusal(condition, name, now) { return .refused(refusal) }
      let at = expiry(lifetime, live(name, now), now)
      switch put(name, value, at, item, batch, &outcome, &changes) {
      case .success(let version): return .stored(version: version)
      case .failure(let refusal): return .refused(refusal)
      }
    case .add(let name, let number, let lifetime):
      let old = live(name, now)
      let before = old.flatMap { Value(encoded: $0.value) } ?? .integer(0)
      let sum: Value
      switch (before, number) {
      case (.integer(let a), .integer(let b)): sum = .integer(a + b)
      default:
        guard let a = before.double, let b = number.double else {
          return .refused(KeyRefusal(.type, "\(name.key) is a \(before.typeName), not a number"))
        }
        sum = .number(a + b)
      }
      let at = old == nil ? expiry(lifetime, nil, now) : old?.expiresAt
      switch put(name, sum.encoded, at, item, batch, &outcome, &changes) {
      case .success(let version): return .added(sum, version: version)
      case .failure(let refusal): return .refused(refusal)
      }
    case .delete(let name, let condition):
      if let refusal = refusal(condition, name, now) { return .refused(refusal) }
      guard live(name, now) != nil else { return .deleted(false) }
      remove(name, isExpired: false, item, &changes)
      return .deleted(true)
    case .list(let page):
      let found = entries.filter { entry in
        entry.name.space == page.space && entry.name.key.utf8.starts(with: page.prefix.utf8)
          && !entry.isExpired(at: now)
          && (page.after.map { KeyName($0) < KeyName(entry.name.key) } ?? true)
      }.sorted { $0.name < $1.name }
      var left = page.bytes
      let kept = found.prefix(page.limit).enumerated().prefix {
        left -= $0.element.size
        return left >= 0 || $0.offset == 0
      }.map(\.element)
      return .listed(kept, hasMore: kept.count < found.count)
    case .sweep:
      sweep(item, now, &outcome, &changes)
      return .swept
    case .adopt(let former): return adopt(former, item, batch, &outcome, &changes)
    }
  }

  private mutating func adopt(
    _ former: String, _ item: KeyBatch.Item, _ batch: KeyBatch, _ outcome: inout KeyOutcome,
    _ changes: inout [KeyChange]
  ) -> KeyAnswer {
    guard former != item.script else { return .adopted(hasMore: false) }
    let found = entries.filter { $0.name.space == former && !$0.isExpired(at: batch.now) }
    for entry in found.sorted(by: { $0.name < $1.name }) {
      let name = KeyName(space: item.script, entry.name.key)
      if case .failure(let refusal) = put(
        name, entry.value, entry.expiresAt, item, batch, &outcome, &changes)
      {
        return .refused(refusal)
      }
      remove(entry.name, isExpired: false, item, &changes)
    }
    return .adopted(hasMore: !found.isEmpty)
  }

  private func live(_ name: KeyName, _ now: Timestamp) -> KeyEntry? {
    entries.first { $0.name == name && !$0.isExpired(at: now) }
  }

  private func refusal(_ condition: KeyCondition, _ name: KeyName, _ now: Timestamp) -> KeyRefusal?
  {
    let old = live(name, now)
    switch (condition, old) {
    case (.absent, let old?):
      return KeyRefusal(.exists, "\(name.key) exists already, with version \(old.version)")
    case (.version(let version), let old?) where old.version != version:
      return KeyRefusal(
        .conflict, "\(name.key) has version \(old.version), not version \(version)")
    case (.version(let version), nil):
      return KeyRefusal(.conflict, "\(name.key) does not exist, not version \(version)")
    default: return nil
    }
  }

  private func expiry(_ lifetime: KeyLifetime, _ old: KeyEntry?, _ now: Timestamp) -> Timestamp? {
    switch lifetime {
    case .unlimited: nil
    case .unchanged: old?.expiresAt
    case .nanoseconds(let length): now.advanced(by: length)
    }
  }

  private mutating func put(
    _ name: KeyName, _ value: [UInt8], _ at: Timestamp?, _ item: KeyBatch.Item, _ batch: KeyBatch,
    _ outcome: inout KeyOutcome, _ changes: inout [KeyChange]
  ) -> Result<Int64, KeyRefusal> {
    var entry = KeyEntry(name, value, version: 0, expiresAt: at)
    func refusal() -> String? {
      let rest = entries.filter { $0.name.space == name.space && $0.name != name }
      return batch.limits.refusal(
        of: name,
        KeySpace(keys: rest.count + 1, bytes: rest.reduce(entry.size) { $0 + $1.size }))
    }
    if !hasSwept, refusal() != nil { sweep(item, batch.now, &outcome, &changes) }
    let old = entries.first { $0.name == name }
    if let refusal = refusal(), old.map({ entry.size > $0.size }) ?? true {
      return .failure(KeyRefusal(.full, refusal))
    }
    versions[name.space, default: 0] += 1
    entry.version = versions[name.space] ?? 0
    entries.removeAll { $0.name == name }
    entries.append(entry)
    changes.append(KeyChange(name, version: entry.version, script: item.script, depth: item.depth))
    if let at { outcome.nextExpiry = min(at, outcome.nextExpiry ?? at) }
    return .success(entry.version)
  }

  private mutating func remove(
    _ name: KeyName, isExpired: Bool, _ item: KeyBatch.Item, _ changes: inout [KeyChange]
  ) {
    versions[name.space, default: 0] += 1
    entries.removeAll { $0.name == name }
    changes.append(
      KeyChange(
        name, version: versions[name.space] ?? 0, isDeleted: true, isExpired: isExpired,
        script: isExpired ? "" : item.script, depth: isExpired ? 0 : item.depth))
  }

  private mutating func sweep(
    _ item: KeyBatch.Item, _ now: Timestamp, _ outcome: inout KeyOutcome,
    _ changes: inout [KeyChange]
  ) {
    hasSwept = true
    let expired = entries.filter { $0.isExpired(at: now) }
      .sorted { ($0.expiresAt ?? now, $0.name) < ($1.expiresAt ?? now, $1.name) }
    for entry in expired { remove(entry.name, isExpired: true, item, &changes) }
    outcome.nextExpiry = entries.compactMap(\.expiresAt).min()
  }
}
