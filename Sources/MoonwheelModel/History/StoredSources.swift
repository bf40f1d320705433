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

  public init(script: String, loadedAt: Timestamp, text: [UInt8], modules: [Module] = []) {
    self.script = script
    self.loadedAt = loadedAt
    self.text = text
    self.modules = modules.sorted { $0.name < $1.name }
  }

  /// The size of all texts in bytes.
  public var size: Int { modules.reduce(text.count) { $0 + $1.text.count } }

  /// Compares script and texts, but not the time of the load.
  public func isVersion(of other: StoredSources) -> Bool {
    script == other.script && text == other.text && modules == other.modules
  }
}
