extension Schema {
  /// The keys and values that scripts keep by `kv`. A key of one script has its name as `space`, a key that all share
  /// has none. A key is gone from `expires_at` on, whether or not its row is.
  static let keyValues = """
    CREATE TABLE kv(
      id INTEGER PRIMARY KEY, space TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL,
      version INTEGER NOT NULL, expires_at INTEGER, UNIQUE(space, key)
    ) STRICT;
    CREATE INDEX kv_by_expiry ON kv(expires_at) WHERE expires_at IS NOT NULL;

    CREATE TABLE kv_spaces(
      space TEXT PRIMARY KEY, keys INTEGER NOT NULL, bytes INTEGER NOT NULL,
      last_version INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    """
}
