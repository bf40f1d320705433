import GRDB
import JobStore
import MoonwheelModel
import Triggers

/// The keys in the file.
final class KeyCommands: KeyTable {
  private let commands: PreparedCommands

  init(_ commands: PreparedCommands) { self.commands = commands }

  func entry(_ name: KeyName) throws -> KeyEntry? {
    try commands("SELECT value, version, expires_at FROM kv WHERE space = ? AND key = ?")
      .rows(name.space, name.key) { row in
        KeyEntry(name, try row[0], version: row.integer(1), expiresAt: try row[2])
      }.first
  }

  func put(_ entry: KeyEntry) throws {
    try commands.run(
      """
      INSERT INTO kv(space, key, value, version, expires_at) VALUES(?, ?, ?, ?, ?)
        ON CONFLICT(space, key) DO UPDATE SET
          value = excluded.value, version = excluded.version, expires_at = excluded.expires_at
      """, entry.name.space, entry.name.key, entry.value, entry.version, entry.expiresAt)
  }

  func remove(_ name: KeyName) throws {
    try commands.run("DELETE FROM kv WHERE space = ? AND key = ?", name.space, name.key)
  }

  func entries(_ page: KeyPage, at now: Timestamp) throws -> [KeyEntry] {
    let start = page.after.map { max(KeyName(page.prefix), KeyName($0)).key } ?? page.prefix
    let (from, through) = Self.pages
    var found: [KeyEntry] = []
    var left = page.bytes
    func add(_ row: Command.Row) throws -> Bool {
      let entry = KeyEntry(
        KeyName(space: page.space, row.text(0)), try row[1], version: row.integer(2),
        expiresAt: try row[3])
      found.append(entry)
      left -= entry.size
      return left >= 0 || found.count == 1
    }
    if let end = page.end {
      try commands(through).visit(page.space, start, page.after, now, page.limit, end, body: add)
    } else {
      try commands(from).visit(page.space, start, page.after, now, page.limit, body: add)
    }
    return found
  }

  /// The command that finds keys from a text on, and the one that finds those that are also before another.
  private static let pages: (from: String, through: String) = {
    func command(_ condition: String) -> String {
      """
      SELECT key, value, version, expires_at FROM kv
        WHERE space = ?1 AND key >= ?2 AND key IS NOT ?3
          AND (expires_at IS NULL OR expires_at > ?4) \(condition)
        ORDER BY key LIMIT ?5
      """
    }
    return (command(""), command("AND key < ?6"))
  }()

  func expired(at now: Timestamp, limit: Int) throws -> [KeyEntry] {
    try commands(
      """
      SELECT space, key, value, version, expires_at FROM kv WHERE expires_at <= ?
        ORDER BY expires_at, space, key LIMIT ?
      """
    ).rows(now, limit) { row in
      KeyEntry(
        KeyName(space: row.text(0), row.text(1)), try row[2], version: row.integer(3),
        expiresAt: try row[4])
    }
  }

  func nextExpiry() throws -> Timestamp? {
    let next = try commands("SELECT min(expires_at) FROM kv WHERE expires_at IS NOT NULL")
      .rows { row in try row[0] as Timestamp? }
    return next.first ?? nil
  }

  func space(_ name: String) throws -> KeySpace {
    let found = try commands("SELECT keys, bytes, last_version FROM kv_spaces WHERE space = ?")
      .rows(name) { row in
        KeySpace(keys: try row[0], bytes: try row[1], lastVersion: row.integer(2))
      }
    return found.first ?? KeySpace()
  }

  func setSpace(_ name: String, _ space: KeySpace) throws {
    try commands.run(
      "INSERT OR REPLACE INTO kv_spaces VALUES(?, ?, ?, ?)", name, space.keys, space.bytes,
      space.lastVersion)
  }
}

extension KeyPage {
  /// The first text behind all that begin with the prefix; nil if there is none. SQLite compares the bytes of UTF-8,
  /// whose order is that of the scalars.
  fileprivate var end: String? {
    var scalars = Array(prefix.unicodeScalars)
    while let last = scalars.popLast() {
      let next = last.value == 0xd7ff ? 0xe000 : last.value + 1
      guard let scalar = Unicode.Scalar(next) else { continue }
      return String(String.UnicodeScalarView(scalars + [scalar]))
    }
    return nil
  }
}
