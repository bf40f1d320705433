/// The name of a value that scripts keep by the module `kv`.
///
/// A key that begins with `self.` belongs to one script, so two scripts may have one of the same text. All other keys
/// are shared.
package struct KeyName: Sendable, Hashable, Comparable {
  /// The script that has the key for itself; empty for a key that scripts share.
  package let space: String
  /// As scripts write it.
  package let key: String

  package init(space: String = "", _ key: String) {
    self.space = space
    self.key = key
  }

  /// The key that a script means.
  package init(_ key: String, of script: String) {
    self.init(space: key.utf8.starts(with: Self.ownPrefix.utf8) ? script : "", key)
  }

  package static let ownPrefix = "self."

  /// The length of the longest key, in bytes.
  package static let longest = longestEventName

  /// Whether the script has the key for itself.
  package var isOwn: Bool { !space.isEmpty }

  /// The event that tells of a change.
  package var event: String { Self.eventPrefix + key }

  package static let eventPrefix = "kv."

  /// About how many bytes the name takes in a store.
  package var size: Int { space.utf8.count + key.utf8.count }

  // Bytes count, as in Lua: Swift would find texts equal that differ in Unicode normalisation.

  package static func == (a: KeyName, b: KeyName) -> Bool {
    a.key.utf8.elementsEqual(b.key.utf8) && a.space.utf8.elementsEqual(b.space.utf8)
  }

  package func hash(into hasher: inout Hasher) {
    Value.hash(key, into: &hasher)
    Value.hash(space, into: &hasher)
  }

  /// In the order of their bytes.
  package static func < (a: KeyName, b: KeyName) -> Bool {
    a.space.utf8.elementsEqual(b.space.utf8)
      ? a.key.utf8.lexicographicallyPrecedes(b.key.utf8)
      : a.space.utf8.lexicographicallyPrecedes(b.space.utf8)
  }
}
