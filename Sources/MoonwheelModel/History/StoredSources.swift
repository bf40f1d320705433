import Triggers

/// The texts of the last good version of a script: its own text, and those of the modules that it required.
public struct StoredSources: Sendable, Hashable {
  public struct Module: Sendable, Hashable {
    /// The argument of `require`: `shop.util`.
    public var name: String
    /// The chunk name, which Lua uses in messages: `@lib/shop/util.lua`.
    public var chunk: String
    public var text: [UInt8]

    public init(name: String, chunk: String, text: [UInt8]) {
      self.name = name
      self.chunk = chunk
      self.text = text
    }
  }

  public var script: String
  /// The time at which these texts were first loaded.
  public var loadedAt: Timestamp
  public var text: [UInt8]
  /// Sorted by name, without duplicates.
  public var modules: [Module]
  /// What the script registered when these texts were loaded, for reports: a list of a table for each job, with `name`,
  /// `line`, `trigger`, `tags` and `options`. Nil leaves what a store has for this version.
  public var jobs: Value
  /// Identifies the texts with which the script was loaded: those here but for modules that came later.
  public let version: SourceVersion

  public init(
    script: String, loadedAt: Timestamp, text: [UInt8], modules: [Module] = [], jobs: Value = .nil,
    version: SourceVersion? = nil
  ) {
    self.jobs = jobs
    self.version = version ?? Self.version(of: text, modules)
    self.script = script
    self.loadedAt = loadedAt
    self.text = text
    self.modules = modules.sorted { $0.name < $1.name }
  }

  /// The size of all texts in bytes.
  public var size: Int { modules.reduce(text.count) { $0 + $1.text.count } }

  /// Identifies texts. Takes time for all of them.
  public static func version(of text: [UInt8], _ modules: [Module]) -> SourceVersion {
    var bytes = SourceHash(of: text).bytes
    for module in modules.sorted(by: { $0.name < $1.name }) {
      bytes += Array("\(module.name)\0\(module.chunk)\0".utf8)
      bytes += SourceHash(of: module.text).bytes
    }
    let first = SourceHash(of: bytes).bytes.prefix(8)
    return SourceVersion(rawValue: first.reduce(0) { $0 << 8 | UInt64($1) })
  }

  /// Compares script and texts, but not the time of the load.
  public func isVersion(of other: StoredSources) -> Bool {
    script == other.script && text == other.text && modules == other.modules
  }
}
