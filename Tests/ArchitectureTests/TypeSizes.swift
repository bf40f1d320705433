/// How large the types of one target are, counted over all their extensions.
///
/// Read from code without comments and strings (see ``SourceCode``): a stored property is a `let` or `var` of the type itself
/// that is not static and has no getter; a line is one of a declaration or an extension at top level. Types that are nested
/// count as lines of the type around them.
struct TypeSizes {
  struct Size: Equatable {
    var properties = 0
    var lines = 0
  }

  private(set) var sizes: [String: Size] = [:]

  /// The code of the target's files.
  init(_ files: [String]) {
    for code in files { count(code) }
  }

  private mutating func count(_ code: String) {
    var depth = 0
    var type: String?
    for line in code.split(separator: "\n", omittingEmptySubsequences: false) {
      var isOpening = false
      if depth == 0, !line.isEmpty, let match = line.prefixMatch(of: Self.opening) {
        type = String(match.1)
        isOpening = true
      }
      if let type {
        sizes[type, default: Size()].lines += 1
        if depth == 1, !isOpening, Self.isStored(line) {
          sizes[type, default: Size()].properties += 1
        }
      }
      for byte in line.utf8 {
        if byte == UInt8(ascii: "{") { depth += 1 }
        if byte == UInt8(ascii: "}") { depth -= 1 }
      }
      if depth == 0, !isOpening || line.contains("}") { type = nil }
    }
  }

  private static func isStored(_ line: Substring) -> Bool {
    // Regular expressions are slow in a debug build.
    guard line.contains("let ") || line.contains("var "), let match = line.prefixMatch(of: property)
    else { return false }
    guard match.1 == "var", let brace = match.2.firstIndex(of: "{") else { return true }
    guard let equals = match.2.firstIndex(of: "=") else { return false }
    return equals < brace
  }

  private static var opening: Regex<(Substring, Substring)> {
    /(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:public|package|private|fileprivate|final|indirect|nonisolated)\s+)*(?:struct|class|enum|actor|extension)\s+(\w+)/
  }

  private static var property: Regex<(Substring, Substring, Substring)> {
    /\s+(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:public|package|private|fileprivate|internal|final|lazy|weak|unowned|nonisolated|\w+\(set\))\s+)*(let|var)\s+\w+(.*)/
  }
}

/// The types that are larger than a type should be. The numbers may only be lowered, and new types need none.
enum TypeLimits {
  /// From more stored properties, or more lines, on, ask what the second type is.
  static let usual = TypeSizes.Size(properties: 20, lines: 600)

  /// By target and type.
  static let exceptions: [String: TypeSizes.Size] = [
    "JobStoreConformance.ConformanceCase": TypeSizes.Size(properties: 20, lines: 641),
    "MoonwheelModel.JobPolicy": TypeSizes.Size(properties: 24, lines: 600),
    "MoonwheelModel.StoredJob": TypeSizes.Size(properties: 22, lines: 600),
    "SchedulerCore.JobRecord": TypeSizes.Size(properties: 32, lines: 600),
    "SchedulerCore.SchedulerCore": TypeSizes.Size(properties: 32, lines: 2961),
    "ScriptHost.Configuration": TypeSizes.Size(properties: 26, lines: 600),
    "ScriptHost.LuaAPI": TypeSizes.Size(properties: 20, lines: 802),
    "ScriptHost.ScriptIsolate": TypeSizes.Size(properties: 55, lines: 1638),
    "Triggers.Trigger": TypeSizes.Size(properties: 20, lines: 616),
  ]
}
