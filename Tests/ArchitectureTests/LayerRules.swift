/// A file of a target, as the rules see it.
struct SourceFile {
  /// The target's name, which is its folder in `Sources/` (`stdlib/` holds `Stdlib`).
  let target: String
  /// The path inside the repository.
  let path: String
  let text: String
  /// Its text without comments and strings, see ``SourceCode``.
  let code: String

  init(target: String, path: String, text: String) {
    self.target = target
    self.path = path
    self.text = text
    code = [".swift", ".c", ".h"].contains { path.hasSuffix($0) } ? SourceCode.stripped(text) : ""
  }

  var name: String { String(path.split(separator: "/").last ?? "") }
  var isSwift: Bool { path.hasSuffix(".swift") }
  var isPublicHeader: Bool { path.contains("/include/") }
}

/// What in a file breaks a rule: `Sources/Triggers/Cron.swift:3: imports Foundation`.
struct Violation: CustomStringConvertible {
  let path: String
  let line: Int
  let what: String

  var description: String { "\(path):\(line): \(what)" }
}

extension Layer {
  /// The violations in `file` of the rules for its target, in the order of the lines. A target that
  /// the table does not have is one.
  static func violations(in file: SourceFile) -> [Violation] {
    guard let layer = table.first(where: { $0.target == file.target }) else {
      return [Violation(path: file.path, line: 1, what: "target \(file.target) has no layer")]
    }
    let code = file.code
    let mayThread = layer.usesThreads || layer.threadFiles.contains(file.name)
    var findings = mayThread ? [] : find(threadFunctions, in: code) { "uses \($0)" }
    if file.isSwift {
      findings += layer.importFindings(code) + find(swallowedErrors, in: code) { "uses \($0)" }
      if layer.isPure { findings += layer.purityFindings(code, file: file) }
    } else {
      findings += layer.headerFindings(file)
    }
    return findings.sorted { $0.line < $1.line }
      .map { Violation(path: file.path, line: $0.line, what: $0.what) }
  }

  private func importFindings(_ code: String) -> [Finding] {
    let allowed = imports
    return Layer.find(Layer.importStatement, in: code) {
      allowed.contains(String($0)) ? nil : "imports \($0)"
    }
  }

  private func purityFindings(_ code: String, file: SourceFile) -> [Finding] {
    let words =
      unsafeFiles.contains(file.name)
      ? [Layer.impureWord] : [Layer.impureWord, Layer.unsafeWord]
    return words.flatMap { Layer.find($0, in: code) { "a pure layer uses \($0)" } }
  }

  /// Takes the text as it is, since a header's name may stand in quotes.
  private func headerFindings(_ file: SourceFile) -> [Finding] {
    if includesLua, !file.isPublicHeader { return [] }
    let subject = includesLua ? "a public header includes" : "includes"
    return Layer.find(Layer.luaHeader, in: file.text) { "\(subject) \($0)" }
  }
}

// MARK: - Patterns

extension Layer {
  private typealias Finding = (line: Int, what: String)
  /// What is found is the first group.
  private typealias Pattern = Regex<(Substring, Substring)>

  /// What `describe` makes of each place where `pattern` matches; nil is no finding.
  private static func find(
    _ pattern: Pattern, in text: String, describe: (Substring) -> String?
  ) -> [Finding] {
    text.matches(of: pattern).compactMap { match in
      describe(match.1).map { what in
        let line = text.utf8[..<match.1.startIndex].count { $0 == UInt8(ascii: "\n") } + 1
        return (line, what)
      }
    }
  }

  /// `public import struct A.B` imports A.
  private static var importStatement: Pattern {
    /(?:^|[;\s])import\s+(?:(?:struct|class|enum|protocol|typealias|func|let|var|actor)\s+)?(\w+)/
  }

  private static var luaHeader: Pattern {
    /^[ \t]*#[ \t]*include[ \t]*[<"](?:[\w.\-]+\/)*((?:lua|lualib|lauxlib|luaconf)\.h(?:pp)?)[>"]/
      .anchorsMatchLineEndings()
  }

  // By default `a.b` is one word, with no boundary at the dot: hence the simple kind.

  private static var swallowedErrors: Pattern {
    /\b(try[!?]|fatalError(?=\s*\())/.wordBoundaryKind(.simple)
  }

  private static var unsafeWord: Pattern {
    /\b(unsafe)\b/.wordBoundaryKind(.simple)
  }

  private static var threadFunctions: Pattern {
    /\b(pthread_\w*)/.wordBoundaryKind(.simple)
  }

  /// Names through which code reads a clock, starts work elsewhere, takes a lock, or draws chance.
  private static var impureWord: Pattern {
    /\b(ContinuousClock|SuspendingClock|clock_gettime|Task|Mutex|Condition|Atomic|AtomicLazyReference|Synchronization|SystemRandomNumberGenerator)\b/
      .wordBoundaryKind(.simple)
  }
}
