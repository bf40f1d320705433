import Triggers

/// What somebody wants of the keys. The store does each command in one step.
package enum KeyCommand: Sendable {
  case get(KeyName)
  case set(KeyName, [UInt8], if: KeyCondition, KeyLifetime)
  /// Adds to a number. A key that is not there counts as 0, and only then the lifetime is set.
  case add(KeyName, Value, KeyLifetime)
  case delete(KeyName, if: KeyCondition)
  case list(KeyPage)
  /// Removes what has expired.
  case sweep
  /// Gives the script that asks the keys that another one has for itself, some of them at a time. They replace its own of
  /// the same text.
  case adopt(from: String)

  /// Whether it may change the store.
  package var mayWrite: Bool {
    switch self {
    case .get, .list: false
    case .set, .add, .delete, .sweep, .adopt: true
    }
  }

  /// About how many bytes of memory it takes.
  package var size: Int {
    if case .set(_, let value, _, _) = self { 256 + value.count } else { 256 }
  }
}

/// What must be true of a key before it is changed.
package enum KeyCondition: Sendable, Hashable {
  case none
  /// The key does not exist.
  case absent
  /// The key exists, with this version.
  case version(Int64)
}

/// How long a value stays.
package enum KeyLifetime: Sendable, Hashable {
  case unlimited
  /// As the value before, if there was one.
  case unchanged
  /// So many nanoseconds from the change on.
  case nanoseconds(Int64)
}

/// A part of the keys of one space, in the order of their bytes.
package struct KeyPage: Sendable, Hashable {
  package var space: String
  package var prefix: String
  /// Only keys behind this one; nil for all.
  package var after: String?
  package var limit: Int
  /// About how many bytes of values; at least one key comes in any case.
  package var bytes: Int

  package init(
    space: String = "", prefix: String, after: String? = nil, limit: Int, bytes: Int = 1 << 20
  ) {
    self.space = space
    self.prefix = prefix
    self.after = after
    self.limit = limit
    self.bytes = bytes
  }
}

/// The answer to a command.
package enum KeyAnswer: Sendable, Hashable {
  /// Nil if there is no such key.
  case found(KeyEntry?)
  case stored(version: Int64)
  case added(Value, version: Int64)
  /// Whether there was such a key.
  case deleted(Bool)
  /// `hasMore`: there may be further keys behind the last one.
  case listed([KeyEntry], hasMore: Bool)
  case swept
  case adopted(hasMore: Bool)
  case refused(KeyRefusal)

  /// About how many bytes of values it has.
  package var size: Int {
    switch self {
    case .found(let entry): 64 + (entry?.size ?? 0)
    case .listed(let entries, _): entries.reduce(64) { $0 + 64 + $1.size }
    case .stored, .added, .deleted, .swept, .adopted, .refused: 64
    }
  }
}

/// Why a command did nothing.
package struct KeyRefusal: Error, Sendable, Hashable {
  package enum Code: String, Sendable {
    /// The key exists, and was to be absent.
    case exists
    /// The key has another version than the one that was named.
    case conflict
    case full
    /// The value is no number that can be added to.
    case type
    /// The sum is no number that can be kept.
    case range
  }

  package let code: Code
  package let message: String

  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }
}

/// A change of a key that has been committed. Several changes of one key are told as one.
package struct KeyChange: Sendable, Hashable {
  package var name: KeyName
  package var version: Int64
  package var isDeleted: Bool
  /// It was deleted since its time was over.
  package var isExpired: Bool
  /// Who has changed it; empty for the host.
  package var script: String
  /// The length of the chain of events that led to the change.
  package var depth: UInt8

  package init(
    _ name: KeyName, version: Int64, isDeleted: Bool = false, isExpired: Bool = false,
    script: String = "", depth: UInt8 = 0
  ) {
    self.name = name
    self.version = version
    self.isDeleted = isDeleted
    self.isExpired = isExpired
    self.script = script
    self.depth = depth
  }

  /// This change after an earlier one that nobody has been told of. A chain of events must not hide the change of
  /// somebody who does not belong to it, so the shorter chain counts.
  package func after(_ earlier: KeyChange) -> KeyChange {
    var merged = self
    merged.depth = min(depth, earlier.depth)
    return merged
  }
}
