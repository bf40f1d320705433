import GRDB
import MoonwheelModel
import Triggers

/// Stores the last good versions of scripts. Each text is stored once, for as long as a version uses it.
extension PreparedCommands {
  func store(_ version: StoredSources) throws {
    let old = try database.sources(of: version.script)
    guard old?.isVersion(of: version) != true else { return }
    try replace(version.script) {
      try add("", "", version.text, to: version)
      for module in version.modules { try add(module.name, module.chunk, module.text, to: version) }
    }
  }

  func forgetSources(except kept: Set<String>) throws {
    let all = try self("SELECT DISTINCT script FROM script_sources").rows { $0.text(0) }
    for script in all where !kept.contains(script) { try replace(script) {} }
  }

  private func add(
    _ module: String, _ chunk: String, _ text: [UInt8], to version: StoredSources
  ) throws {
    let hash = SourceHash(of: text).bytes
    try run("INSERT OR IGNORE INTO sources(hash, text) VALUES(?, ?)", hash, text)
    try run(
      "INSERT INTO script_sources SELECT ?, ?, ?, id, ? FROM sources WHERE hash = ?",
      version.script, module, chunk, version.loadedAt, hash)
  }

  /// Removes a version, calls `body` to add another, and removes the texts that no version uses any more.
  func replace(_ script: String, _ body: () throws -> Void) throws {
    let old = try self("SELECT source FROM script_sources WHERE script = ?").rows(script) {
      $0.integer(0)
    }
    try run("DELETE FROM script_sources WHERE script = ?", script)
    try body()
    for text in Set(old) {
      try run(
        """
        DELETE FROM sources WHERE id = ?1
          AND NOT EXISTS(SELECT 1 FROM script_sources WHERE source = ?1)
        """, text)
    }
  }
}

extension Database {
  /// The last good version of a script.
  func sources(of script: String) throws -> StoredSources? {
    let command = try Command(
      """
      SELECT module, chunk, text, loaded_at FROM script_sources JOIN sources ON id = source
        WHERE script = ?
      """, in: self)
    let texts = try command.rows(script) { row in
      (
        module: try StoredSources.Module(name: row[0], chunk: row[1], text: row[2]),
        loadedAt: try row[3] as Timestamp
      )
    }
    guard let own = texts.first(where: { $0.module.name.isEmpty }) else { return nil }
    return StoredSources(
      script: script, loadedAt: own.loadedAt, text: own.module.text,
      modules: texts.map(\.module).filter { !$0.name.isEmpty })
  }
}
