import GRDB
import MoonwheelModel
import Triggers

/// Stores the versions of scripts. Each text is stored once, for as long as a version uses it.
extension PreparedCommands {
  /// The most versions of scripts without a last good one.
  private static let goneLimit = 500

  func store(_ version: StoredSources) throws {
    let old = try database.sources(of: version.script)
    guard old?.isVersion(of: version) != true else {
      // An older file does not say what the script registered.
      guard old?.jobs.isNil == true, !version.jobs.isNil else { return }
      return try run(
        "UPDATE generations SET jobs = ? WHERE script = ? AND is_current", version.jobs,
        version.script)
    }
    let number = version.version
    let known = try self("SELECT jobs FROM generations WHERE script = ? AND version = ?")
      .rows(version.script, number) { try $0[0] as Value }.first
    try run("DELETE FROM generations WHERE script = ? AND version = ?", version.script, number)
    try run("UPDATE generations SET is_current = 0 WHERE script = ?", version.script)
    try run(
      "INSERT INTO generations VALUES(NULL, ?, ?, ?, 1, ?)", version.script, number,
      version.loadedAt, version.jobs.isNil ? known ?? .nil : version.jobs)
    let generation = database.lastInsertedRowID
    try add("", "", version.text, to: generation)
    for module in version.modules {
      try add(module.name, module.chunk, module.text, to: generation)
    }
    try run(
      """
      DELETE FROM generations WHERE id IN (SELECT id FROM generations WHERE script = ?
        ORDER BY id DESC LIMIT -1 OFFSET \(StoredGeneration.limit))
      """, version.script)
    try removeUnused()
  }

  private func add(
    _ module: String, _ chunk: String, _ text: [UInt8], to generation: Int64
  ) throws {
    let hash = SourceHash(of: text).bytes
    try run("INSERT OR IGNORE INTO sources(hash, text) VALUES(?, ?)", hash, text)
    try run(
      "INSERT INTO generation_sources SELECT ?, ?, ?, id FROM sources WHERE hash = ?",
      generation, module, chunk, hash)
  }

  /// Lets a script have no last good version. Its versions stay for reports.
  func forgetSources(of script: String) throws {
    try run("UPDATE generations SET is_current = 0 WHERE script = ? AND is_current", script)
    guard database.changesCount > 0 else { return }
    try run(
      """
      DELETE FROM generations WHERE id IN (SELECT id FROM generations AS gone
        WHERE NOT EXISTS(SELECT 1 FROM generations WHERE script = gone.script AND is_current)
        ORDER BY id DESC LIMIT -1 OFFSET \(Self.goneLimit))
      """)
    try removeUnused()
  }

  func forgetSources(except kept: Set<String>) throws {
    let all = try self("SELECT script FROM generations WHERE is_current").rows { $0.text(0) }
    for script in all where !kept.contains(script) { try forgetSources(of: script) }
  }

  /// Removes what only versions used that are gone.
  private func removeUnused() throws {
    try run(
      "DELETE FROM generation_sources WHERE generation NOT IN (SELECT id FROM generations)")
    guard database.changesCount > 0 else { return }
    try run("DELETE FROM sources WHERE id NOT IN (SELECT source FROM generation_sources)")
  }

  /// Sets the versions of the rows of an older file.
  func numberGenerations() throws {
    let old = try self("SELECT id, script FROM generations WHERE version = 0").rows {
      ($0.integer(0), $0.text(1))
    }
    for (id, script) in old {
      guard let sources = try database.sources(of: script) else { continue }
      try run("UPDATE generations SET version = ? WHERE id = ?", sources.version, id)
    }
  }
}

extension Database {
  /// The last good version of a script.
  func sources(of script: String) throws -> StoredSources? {
    let command = try Command(
      "SELECT id, loaded_at, jobs, version FROM generations WHERE script = ? AND is_current",
      in: self)
    return try sources(of: script, command.rows(script, read: Generation.init).first)
  }

  func sources(of script: String, _ version: SourceVersion) throws -> StoredSources? {
    let command = try Command(
      "SELECT id, loaded_at, jobs, version FROM generations WHERE script = ? AND version = ?",
      in: self)
    return try sources(of: script, command.rows(script, version, read: Generation.init).first)
  }

  private struct Generation {
    let id: Int64
    let loadedAt: Timestamp
    let jobs: Value
    let version: SourceVersion

    init(_ row: Command.Row) throws {
      id = try row[0]
      loadedAt = try row[1]
      jobs = try row[2]
      version = try row[3]
    }
  }

  func generations(of script: String) throws -> [StoredGeneration] {
    try Command(
      "SELECT version, loaded_at, is_current FROM generations WHERE script = ? ORDER BY id DESC",
      in: self
    ).rows(script) { row in
      try StoredGeneration(version: row[0], loadedAt: row[1], isCurrent: row[2])
    }
  }

  private func sources(
    of script: String, _ generation: Generation?
  ) throws -> StoredSources? {
    guard let generation else { return nil }
    let command = try Command(
      """
      SELECT module, chunk, text FROM generation_sources JOIN sources ON id = source
        WHERE generation = ?
      """, in: self)
    let texts = try command.rows(generation.id) { row in
      try StoredSources.Module(name: row[0], chunk: row[1], text: row[2])
    }
    guard let own = texts.first(where: { $0.name.isEmpty }) else { return nil }
    return StoredSources(
      script: script, loadedAt: generation.loadedAt, text: own.text,
      modules: texts.filter { !$0.name.isEmpty }, jobs: generation.jobs,
      version: generation.version.rawValue == 0 ? nil : generation.version)
  }
}
