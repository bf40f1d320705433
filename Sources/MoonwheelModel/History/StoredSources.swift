import Triggers

/// The texts of the last good version of a script: what it was loaded from, and the modules that it has required.
public struct StoredSources: Sendable, Hashable {
  public struct Module: Sendable, Hashable {
    /// As it is required: `shop.util`.
    public var name: String
    /// What Lua calls its text in messages: `@lib/shop/util.lua`.
    public var chunk: String
    public var text: [UInt8]

    public init(name: String, chunk: String, text: [UInt8]) {
      self.name = name
      self.chunk = chunk
      self.text = text
    }
  }

  public var script: String
  /// When these texts were loaded first.
  public var loadedAt: Timestamp
  public var text: [UInt8]
  /// By name, each once.
  public var modules: [Module]

  public init(script: String, loadedAt: Timestamp, text: [UInt8], modules: [Module] = []) {
    self.script = script
    self.loadedAt = loadedAt
    self.text = text
    self.modules = modules.sorted { $0.name < $1.name }
  }

  /// Of all texts, in bytes.
  public var size: Int { modules.reduce(text.count) { $0 + $1.text.count } }

  /// Whether it is the same version, whenever that was loaded.
  public func isVersion(of other: StoredSources) -> Bool {
    script == other.script && text == other.text && modules == other.modules
  }
}
