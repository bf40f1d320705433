import GRDB
import MoonwheelModel

/// Stores the last good versions of scripts. Each text is stored once, for as long as a version uses it.
struct SourceCommands {
  private let database: Database
  private let texts: Command
  private let forget: Command
  private let addText: Command
  private let addModule: Command
  private let removeText: Command
  private let scripts: Command

  init(_ database: Database) throws {
    self.database = database
    texts = try Command("SELECT source FROM script_sources WHERE script = ?", in: database)
    forget = try Command("DELETE FROM script_sources WHERE script = ?", in: database)
    addText = try Command("INSERT OR IGNORE INTO sources(hash, text) VALUES(?, ?)", in: database)
    addModule = try Command(
      "INSERT INTO script_sources SELECT ?, ?, ?, id, ? FROM sources WHERE hash = ?", in: database)
    removeText = try Command(
      """
      DELETE FROM sources WHERE id = ?1
        AND NOT EXISTS(SELECT 1 FROM script_sources WHERE source = ?1)
      """, in: database)
    scripts = try Command("SELECT DISTINCT script FROM script_sources", in: database)
  }

  static func version(of script: String, in database: Database) throws -> StoredSources? {
    let command = try Command(
      """
      SELECT module, chunk, text, loaded_at FROM script_sources JOIN sources ON id = source
        WHERE script = ?
      """, in: database)
    command.bind(script)
    var version: StoredSources?
    var modules: [StoredSources.Module] = []
    try command.run { row in
      if row.text(0).isEmpty {
        version = StoredSources(script: script, loadedAt: row.instant(3), text: row.bytes(2))
      } else {
        modules.append(
          StoredSources.Module(name: row.text(0), chunk: row.text(1), text: row.bytes(2)))
      }
    }
    return version.map {
      StoredSources(script: script, loadedAt: $0.loadedAt, text: $0.text, modules: modules)
    }
  }

  func store(_ version: StoredSources) throws {
    let old = try Self.version(of: version.script, in: database)
    guard old?.isVersion(of: version) != true else { return }
    try replace(version.script) {
      try add("", "", version.text, to: version)
      for module in version.modules { try add(module.name, module.chunk, module.text, to: version) }
    }
  }

  func forget(_ script: String) throws { try replace(script) {} }

  func forget(except kept: Set<String>) throws {
    let all = try scripts.rows { $0.text(0) }
    for script in all where !kept.contains(script) { try replace(script) {} }
  }

  private func add(
    _ module: String, _ chunk: String, _ text: [UInt8], to version: StoredSources
  ) throws {
    let hash = SourceHash(of: text).bytes
    addText.bind(hash)
    addText.bind(text)
    try addText.run()
    addModule.bind(version.script)
    addModule.bind(module)
    addModule.bind(chunk)
    addModule.bind(version.loadedAt)
    addModule.bind(hash)
    try addModule.run()
  }

  /// Removes a version, calls `body` to add another, and removes the texts that no version uses any more.
  private func replace(_ script: String, _ body: () throws -> Void) throws {
    texts.bind(script)
    let old = try texts.rows { $0.integer(0) }
    forget.bind(script)
    try forget.run()
    try body()
    for text in Set(old) {
      removeText.bind(text)
      try removeText.run()
    }
  }
}
