import Permissions

/// The text of a policy with other lines for some scripts. Comments and all other lines stay as they are.
package struct PolicyEdit: Sendable {
  /// A statement that goes, comes, or is replaced.
  package struct Change: Sendable, Equatable {
    /// From 1, in the new text; of a statement that goes, in the old one.
    package let line: Int
    package let old: String?
    package let new: String?
  }

  package let text: [UInt8]
  package let changes: [Change]

  /// The first lines of a new policy.
  package static let heading = """
    -- What the scripts in this folder may do beyond what cannot hurt. Nothing here is run: there are two words,
    --   allow("poll.lua", { net = { "api.example.com" } })    grants it to the scripts of this name or pattern
    --   deny("*", { net = { "169.254.0.0/16" } })             beats every allow
    -- "moonwheel allow SCRIPT" writes the line that a script asks for.


    """

  /// Makes the line of each script grant exactly these entries; a script that is to have none loses its line. A script's
  /// line is one that names it without wildcards; if it has several, one is left.
  ///
  /// - Parameter text: the policy; nil if there is none yet.
  package init(
    _ text: [UInt8]?, granting scripts: [(name: String, entries: PermissionSet)]
  ) throws(PolicyError) {
    let policy = try Policy(reading: text ?? [])
    var pieces: [Piece] = []
    var added: [String] = []
    for script in scripts {
      let own = policy.rules.filter { $0.word == .allow && $0.scripts.name == script.name }
      let line = script.entries.isEmpty ? nil : Self.line(script.name, script.entries)
      if let first = own.first {
        if own.count > 1 || first.entries != script.entries {
          pieces.append(Piece(rule: first, new: line))
        }
        pieces += own.dropFirst().map { Piece(rule: $0, new: nil) }
      } else if let line {
        added.append(line)
      }
    }
    pieces.sort { $0.rule.range.lowerBound < $1.rule.range.lowerBound }
    self.init(text ?? Array(Self.heading.utf8), pieces, added)
  }

  private struct Piece {
    var rule: Policy.Rule
    var new: String?
  }

  private init(_ old: [UInt8], _ pieces: [Piece], _ added: [String]) {
    var text: [UInt8] = []
    var changes: [Change] = []
    var end = 0
    for piece in pieces {
      let range = piece.new == nil ? Self.wholeLine(piece.rule.range, in: old) : piece.rule.range
      text += old[end..<max(end, range.lowerBound)]
      end = max(end, range.upperBound)
      let line = piece.new == nil ? piece.rule.line : Self.lineNumber(text)
      changes.append(
        Change(
          line: line, old: String(decoding: old[piece.rule.range], as: UTF8.self), new: piece.new))
      text += Array((piece.new ?? "").utf8)
    }
    text += old[end...]
    if let last = text.last, last != 10, !added.isEmpty { text.append(10) }
    for line in added {
      changes.append(Change(line: Self.lineNumber(text), old: nil, new: line))
      text += Array(line.utf8) + [10]
    }
    self.text = text
    self.changes = changes
  }

  /// The number of the line that a text ends in.
  private static func lineNumber(_ text: [UInt8]) -> Int { text.count { $0 == 10 } + 1 }

  /// The statement, with its line if nothing else is on it.
  private static func wholeLine(_ range: Range<Int>, in text: [UInt8]) -> Range<Int> {
    func isBlank(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 || byte == 13 }
    let start = text[..<range.lowerBound].lastIndex { !isBlank($0) }.map { $0 + 1 } ?? 0
    let end = text[range.upperBound...].firstIndex { !isBlank($0) && $0 != UInt8(ascii: ";") }
    guard start == 0 || text[start - 1] == 10, end.map({ text[$0] == 10 }) ?? true else {
      return range
    }
    return start..<(end.map { $0 + 1 } ?? text.count)
  }

  /// `allow("poll.lua", { net = { "api.example.com" } })`
  package static func line(_ script: String, _ entries: PermissionSet) -> String {
    "allow(\(LuaQuote.quoted(ScriptGlob(name: script).description)), \(entries.lua))"
  }
}
