import MoonwheelModel
import Triggers

/// The keys of a store in memory.
final class StoredKeys: KeyTable {
  private struct Expiry: Comparable {
    let at: Timestamp
    let name: KeyName

    static func < (a: Expiry, b: Expiry) -> Bool { (a.at, a.name) < (b.at, b.name) }
  }

  private var entries: [KeyName: KeyEntry] = [:]
  private var names = SortedList<KeyName>()
  private var expiries = SortedList<Expiry>()
  private var spaces: [String: KeySpace] = [:]

  func entry(_ name: KeyName) -> KeyEntry? { entries[name] }

  func put(_ entry: KeyEntry) {
    let old = entries.updateValue(entry, forKey: entry.name)
    if old == nil { names.insert(entry.name) }
    guard old?.expiresAt != entry.expiresAt else { return }
    if let old { removeExpiry(of: old) }
    if let at = entry.expiresAt { expiries.insert(Expiry(at: at, name: entry.name)) }
  }

  func remove(_ name: KeyName) {
    guard let old = entries.removeValue(forKey: name) else { return }
    names.remove(name)
    removeExpiry(of: old)
  }

  private func removeExpiry(of entry: KeyEntry) {
    if let at = entry.expiresAt { expiries.remove(Expiry(at: at, name: entry.name)) }
  }

  func entries(_ page: KeyPage, at now: Timestamp) -> [KeyEntry] {
    var found: [KeyEntry] = []
    let after = page.after.map { KeyName(space: page.space, $0) }
    let prefix = KeyName(space: page.space, page.prefix)
    names.visit(from: max(prefix, after ?? prefix)) { name in
      guard found.count < page.limit, name.space.utf8.elementsEqual(page.space.utf8),
        name.key.utf8.starts(with: page.prefix.utf8)
      else { return false }
      if name != after, let entry = entries[name], !entry.isExpired(at: now) {
        found.append(entry)
      }
      return true
    }
    return found
  }

  func expired(at now: Timestamp, limit: Int) -> [KeyEntry] {
    var found: [KeyEntry] = []
    expiries.visit { expiry in
      guard expiry.at <= now, found.count < limit else { return false }
      if let entry = entries[expiry.name] { found.append(entry) }
      return true
    }
    return found
  }

  func nextExpiry() -> Timestamp? { expiries.first?.at }

  func space(_ name: String) -> KeySpace { spaces[name] ?? KeySpace() }

  func setSpace(_ name: String, _ space: KeySpace) { spaces[name] = space }
}
