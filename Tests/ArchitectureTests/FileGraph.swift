/// Which files of one target use which others.
///
/// A Swift file uses another if its code has the name of a type that the other declares at top level; a file of C, if it has
/// the name of a function that the other defines. So an extension's members count for nothing, and a nested type counts as
/// the type around it.
struct FileGraph {
  private var uses: [String: Set<String>] = [:]

  /// Files of one target and one language, with their code (see ``SourceCode``).
  init(_ files: [(path: String, code: String)]) {
    var owners: [String: Set<String>] = [:]
    for (path, code) in files {
      for name in Self.declared(in: code, of: path) { owners[name, default: []].insert(path) }
    }
    for (path, code) in files {
      var used: Set<String> = []
      for word in Self.words(of: code) {
        // A name of two files is private to each.
        if let owner = owners[word], owner.count == 1 { used.formUnion(owner) }
      }
      uses[path] = used.subtracting([path])
    }
  }

  /// Files that use each other, directly or over others: the largest sets, each in the order of paths.
  var circles: [[String]] {
    var search = CircleSearch(uses: uses)
    return search.run().filter { $0.count > 1 }.map { $0.sorted() }.sorted { $0[0] < $1[0] }
  }

  private static func declared(in code: String, of path: String) -> [String] {
    guard path.hasSuffix(".swift") else {
      return code.matches(of: functionDefinition).map { String($0.1) }
    }
    // Declarations at top level are not indented.
    return code.split(separator: "\n").filter { $0.first?.isLetter == true || $0.first == "@" }
      .compactMap { $0.prefixMatch(of: typeDeclaration).map { String($0.1) } }
  }

  private static func words(of code: String) -> Set<String> {
    let words = code.utf8.split { byte in
      !(byte >= 0x61 && byte <= 0x7a || byte >= 0x41 && byte <= 0x5a || byte >= 0x30 && byte <= 0x39
        || byte == 0x5f)
    }
    return Set(words.map { String(Substring($0)) })
  }

  private static var typeDeclaration: Regex<(Substring, Substring)> {
    /(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:public|package|final|indirect|nonisolated)\s+)*(?:struct|class|enum|protocol|actor|typealias)\s+([A-Z]\w*)/
  }

  private static var functionDefinition: Regex<(Substring, Substring)> {
    /^(?!static\b)[A-Za-z_][\w \t*]*?\b(\w+)\([^;{}]*\)\s*\{/.anchorsMatchLineEndings()
  }
}

/// Tarjan's search for strongly connected components.
private struct CircleSearch {
  let uses: [String: Set<String>]
  private var indices: [String: Int] = [:]
  private var lowest: [String: Int] = [:]
  private var stack: [String] = []
  private var circles: [[String]] = []

  init(uses: [String: Set<String>]) { self.uses = uses }

  mutating func run() -> [[String]] {
    for file in uses.keys.sorted() where indices[file] == nil { visit(file) }
    return circles
  }

  private mutating func visit(_ file: String) {
    let index = indices.count
    indices[file] = index
    lowest[file] = index
    stack.append(file)
    for other in (uses[file] ?? []).sorted() {
      if indices[other] == nil {
        visit(other)
        lowest[file] = min(lowest[file] ?? index, lowest[other] ?? index)
      } else if stack.contains(other) {
        lowest[file] = min(lowest[file] ?? index, indices[other] ?? index)
      }
    }
    guard lowest[file] == index, let start = stack.firstIndex(of: file) else { return }
    circles.append(Array(stack[start...]))
    stack.removeSubrange(start...)
  }
}
