/// The globals that one Lua text names, as far as its text alone tells.
package struct GlobalUses: Sendable, Equatable {
  /// A global, or a field of one: `print`, `string.format`.
  package struct Name: Sendable, Hashable {
    package let global: String
    package let field: String?

    package init(_ global: String, _ field: String? = nil) {
      self.global = global
      self.field = field
    }
  }

  package struct Read: Sendable, Equatable {
    package let name: Name
    /// From 1.
    package let line: Int
    /// The text tests whether there is a value, as in `if x`, `x or 1`, `x == nil`, `type(x)`.
    package let isTest: Bool
  }

  /// In the order of the text.
  package internal(set) var reads: [Read] = []
  package internal(set) var assigned: Set<Name> = []
  /// Names that `rawget` looks for.
  package internal(set) var tested: Set<Name> = []
  /// The line of the first local of each name.
  package internal(set) var locals: [String: Int] = [:]
  /// The modules that `require` gets by a constant name.
  package internal(set) var required: Set<String> = []
  /// Calls of globals whose results nothing gets.
  package internal(set) var statements: [Read] = []
  /// The text may set globals whose names it does not contain, or it has more names than are kept: nothing can be said
  /// about what is missing.
  package internal(set) var isOpen = false

  /// How many reads and how many names of each kind are kept.
  static let limit = 20_000

  /// Reads a text that Lua has compiled, in time linear in its length. Of another text, says that it is open.
  package static func read(_ text: [UInt8]) -> GlobalUses {
    var parser = Parser(text)
    do throws(SyntaxError) {
      try parser.readChunk()
      return parser.uses
    } catch {
      var uses = GlobalUses()
      uses.isOpen = true
      return uses
    }
  }
}
