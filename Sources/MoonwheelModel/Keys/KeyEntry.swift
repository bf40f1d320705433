import Triggers

/// A key with its value, as a store keeps it.
package struct KeyEntry: Sendable, Hashable {
  package var name: KeyName
  /// ``Value/encoded``.
  package var value: [UInt8]
  /// Grows with each change of the key, also over its deletion.
  package var version: Int64
  /// From this instant on, the key does not exist any more; nil for never.
  package var expiresAt: Timestamp?

  package init(_ name: KeyName, _ value: [UInt8], version: Int64, expiresAt: Timestamp? = nil) {
    self.name = name
    self.value = value
    self.version = version
    self.expiresAt = expiresAt
  }

  package func isExpired(at now: Timestamp) -> Bool { expiresAt.map { $0 <= now } ?? false }

  /// How many bytes count for ``KeyLimits``.
  package var size: Int { name.size + value.count }
}

/// What a store knows of all keys of one space, see ``KeyName/space``.
package struct KeySpace: Sendable, Hashable {
  package var keys: Int
  package var bytes: Int
  /// The version of the last change.
  package var lastVersion: Int64

  package init(keys: Int = 0, bytes: Int = 0, lastVersion: Int64 = 0) {
    self.keys = keys
    self.bytes = bytes
    self.lastVersion = lastVersion
  }
}

/// The bounds of what `kv` keeps.
package struct KeyLimits: Sendable {
  /// Bytes of one encoded value.
  package var value = 64 << 10
  /// Keys that scripts share, and keys of one script for itself.
  package var keys: (shared: Int, own: Int) = (100_000, 10_000)
  /// Bytes of names and values of these.
  package var bytes: (shared: Int, own: Int) = (256 << 20, 16 << 20)

  package static let standard = KeyLimits()

  package init() {}

  /// Says why a space has no room for what it is to become; nil if it has.
  package func refusal(of name: KeyName, _ space: KeySpace) -> String? {
    let keys = name.isOwn ? keys.own : keys.shared
    let bytes = name.isOwn ? bytes.own : bytes.shared
    let whose = name.isOwn ? "of a script for itself" : "that scripts share"
    if space.keys > keys { return "there are \(keys) keys \(whose), and there may be no more" }
    if space.bytes > bytes { return "the keys \(whose) have \(bytes) bytes at most" }
    return nil
  }
}
