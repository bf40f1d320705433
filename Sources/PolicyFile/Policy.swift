import Permissions

/// Who may do what, as a file `moonwheel.policy` says it for the scripts in its folder.
///
///     allow("poll.lua", { net = { "api.example.com" } })
///     deny("*", { net = { "169.254.0.0/16" } })
///
/// What a script asks for is granted if a rule allows it and none denies it.
package struct Policy: Sendable {
  /// The name of the file, which is beside the scripts.
  package static let fileName = "moonwheel.policy"
  /// A larger file is refused.
  package static let maxBytes = 1 << 20
  static let maxRules = 10_000

  package enum Word: String, Sendable, CaseIterable { case allow, deny }

  package struct Rule: Sendable {
    package let word: Word
    package let scripts: ScriptGlob
    package let entries: PermissionSet
    /// From 1.
    package let line: Int
    /// The bytes of the file that it takes.
    let range: Range<Int>
  }

  package let rules: [Rule]

  /// The policy of a folder without such a file: nothing is granted.
  package static let empty = Policy(rules: [])

  /// The rules that are about a script, in the order of the file.
  package func rules(_ word: Word, of script: String) -> [Rule] {
    rules.filter { $0.word == word && $0.scripts.matches(script) }
  }

  /// What the lines grant that name a script without wildcards.
  package func ownEntries(of script: String) -> PermissionSet {
    rules.filter { $0.word == .allow && $0.scripts.name == script }
      .reduce([:]) { $0.union($1.entries) }
  }

  /// All entries of the rules of a word that are about a script.
  package func entries(_ word: Word, of script: String) -> PermissionSet {
    rules(word, of: script).reduce([:]) { $0.union($1.entries) }
  }
}

/// A mistake in a policy, with its place and what to do: `moonwheel.policy:3: ...`.
package struct PolicyError: Error, Sendable, Equatable, CustomStringConvertible {
  package let line: Int
  package let message: String

  package var description: String { "\(Policy.fileName):\(line): \(message)" }
}
