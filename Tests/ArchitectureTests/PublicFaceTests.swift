import Testing

/// Holds what `import Moonwheel` shows: an addition is a decision, and a removal breaks programs.
struct PublicFaceTests {
  private static let types = [
    "CallArguments", "Configuration", "EmitError", "EmitError.Code", "Event", "EventStream",
    "Execution", "FireOutcome", "FireOutcome.Kind", "FunctionCall",
    "Inspection", "IsolateLimits", "Job", "Job.State", "JobDescription", "JobError",
    "JobError.Code", "LogLine", "PastRun", "PatternError",
    "PermissionKind", "PermissionPolicy", "PermissionSet", "Refusal", "RegistrationError", "Run",
    "Run.ID", "Run.Outcome", "RunFailure", "RunResource", "RunStatus", "Scheduler", "ScriptError",
    "ScriptError.Code", "ScriptMemoryUse", "Store", "StoreError", "StoreError.Code",
    "SystemCallError", "Timestamp", "TriggeredRun", "UnsafeLuaError", "Value", "ValueConvertible",
    "Version",
  ]

  private static let face = Result { PublicFace(try Repository.sources()) }

  @Test func `the public types are those of the list, at most 60`() throws {
    let face = try Self.face.get()
    #expect(face.types == Set(Self.types))
    #expect(face.types.count <= 60)
  }

  @Test func `each public type has a comment`() throws {
    let face = try Self.face.get()
    #expect(face.uncommentedTypes.isEmpty, "\(face.uncommentedTypes.sorted())")
  }

  @Test func `nested types and exported names are found`() {
    let face = PublicFace([
      "Moonwheel": [
        "@_exported import struct Model.Shown\n/// It.\npublic struct Own {\n  public enum Code {}\n  enum Inner {}\n}\n",
        "extension Own {\n  public struct More {}\n}\npackage struct Hidden {}\n",
      ],
      "Model": ["public struct Shown {\n  public enum Kind {}\n}\npublic struct Other {}\n"],
    ])
    #expect(face.types == ["Own", "Own.Code", "Own.More", "Shown", "Shown.Kind"])
    #expect(face.uncommentedTypes == ["Own.Code", "Own.More", "Shown", "Shown.Kind"])
  }
}

/// The public types that `import Moonwheel` shows: its own, and those that it exports by name, with the types in them.
struct PublicFace {
  private(set) var types: Set<String> = []
  private(set) var uncommentedTypes: Set<String> = []
  private var exported: [String: Set<String>] = [:]

  init(_ sources: [SourceFile]) {
    self.init(
      Dictionary(grouping: sources.filter(\.isSwift), by: \.target)
        .mapValues { $0.map(\.text) })
  }

  /// The texts of Swift files, by target.
  init(_ files: [String: [String]]) {
    for text in files["Moonwheel"] ?? [] {
      for match in text.matches(of: /@_exported import \w+ (\w+)\.(\w+)/) {
        exported[String(match.1), default: []].insert(String(match.2))
      }
    }
    for text in files["Moonwheel"] ?? [] { collect(from: text, only: nil) }
    for (target, names) in exported {
      for text in files[target] ?? [] where names.contains(where: text.contains) {
        collect(from: text, only: names)
      }
    }
  }

  private mutating func collect(from text: String, only names: Set<String>?) {
    var around: [(name: String, depth: Int)] = []
    var depth = 0
    var isCommented = false
    let code = SourceCode.stripped(text).split(separator: "\n", omittingEmptySubsequences: false)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    for (number, line) in code.enumerated() {
      if Self.mayDeclare(line), let match = line.firstMatch(of: Self.declaration) {
        let name = (around.map(\.name) + [String(match.2)]).joined(separator: ".")
        let isWanted = names?.contains(String(name.prefix { $0 != "." })) ?? true
        if isWanted, match.1 != nil {
          types.insert(name)
          if !isCommented { uncommentedTypes.insert(name) }
        }
        around.append((String(match.2), depth))
      }
      depth += line.utf8.reduce(0) {
        $0 + ($1 == UInt8(ascii: "{") ? 1 : $1 == UInt8(ascii: "}") ? -1 : 0)
      }
      while let last = around.last, depth <= last.depth { around.removeLast() }
      let raw = number < lines.count ? lines[number].drop { $0 == " " } : ""
      isCommented = raw.hasPrefix("///") || isCommented && raw.hasPrefix("@")
    }
  }

  /// Whether the line has a word that a declaration has. Regular expressions are slow in a debug build.
  private static func mayDeclare(_ line: Substring) -> Bool {
    ["struct ", "class ", "enum ", "actor ", "protocol ", "extension "].contains {
      line.contains($0)
    }
  }

  private static var declaration: Regex<(Substring, Substring?, Substring)> {
    /^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:(public) |package |private |fileprivate )?(?:final |indirect )*(?:struct|class|enum|actor|protocol|extension) (\w+)/
  }
}
