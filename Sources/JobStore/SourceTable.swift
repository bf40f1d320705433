import MoonwheelModel

/// The versions of scripts in a store in memory.
struct SourceTable {
  private struct Script {
    /// Newest last.
    var versions: [(version: SourceVersion, sources: StoredSources)] = []
    var isCurrent = true
  }

  private var scripts: [String: Script] = [:]

  /// The most bytes of the older versions of one script: memory is dearer than a file.
  private static let oldBytes = 1 << 20
  /// The most scripts without a last good version of which older ones are kept.
  private static let goneLimit = 50

  func current(of script: String) -> StoredSources? {
    guard let found = scripts[script], found.isCurrent else { return nil }
    return found.versions.last?.sources
  }

  func generations(of script: String) -> [StoredGeneration] {
    guard let found = scripts[script] else { return [] }
    return found.versions.enumerated().reversed().map { index, entry in
      StoredGeneration(
        version: entry.version, loadedAt: entry.sources.loadedAt,
        isCurrent: found.isCurrent && index == found.versions.count - 1)
    }
  }

  func sources(of script: String, _ version: SourceVersion) -> StoredSources? {
    scripts[script]?.versions.last { $0.version == version }?.sources
  }

  mutating func add(_ sources: StoredSources) {
    guard current(of: sources.script)?.isVersion(of: sources) != true else { return }
    let version = sources.version
    var script = scripts[sources.script] ?? Script()
    script.isCurrent = true
    var sources = sources
    if sources.jobs.isNil {
      sources.jobs = script.versions.first { $0.version == version }?.sources.jobs ?? .nil
    }
    script.versions.removeAll { $0.version == version }
    var bytes = 0
    let kept = script.versions.reversed().prefix(StoredGeneration.limit - 1).prefix { entry in
      bytes += entry.sources.size
      return bytes <= Self.oldBytes
    }
    script.versions = kept.reversed() + [(version, sources)]
    scripts[sources.script] = script
  }

  mutating func forget(_ script: String) {
    scripts[script]?.isCurrent = false
    let gone = scripts.filter { !$0.value.isCurrent }
    guard gone.count > Self.goneLimit else { return }
    let oldest = gone.min {
      $0.value.versions.last.map(\.sources.loadedAt) ?? .distantPast
        < $1.value.versions.last.map(\.sources.loadedAt) ?? .distantPast
    }
    if let oldest { scripts[oldest.key] = nil }
  }

  mutating func forgetAll(except kept: Set<String>) {
    for script in scripts.keys where !kept.contains(script) { forget(script) }
  }
}
