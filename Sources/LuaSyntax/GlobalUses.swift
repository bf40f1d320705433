/// The globals that one Lua text names, as far as its text alone tells.
public struct GlobalUses: Sendable, Equatable {
  /// A global, or a field of one: `print`, `string.format`.
  public struct Name: Sendable, Hashable {
    public let global: String
    public let field: String?

    public init(_ global: String, _ field: String? = nil) {
      self.global = global
      self.field = field
    }
  }

  public struct Read: Sendable, Equatable {
    public let name: Name
    /// From 1.
    public let line: Int
    /// The text tests whether there is a value, as in `if x`, `x or 1`, `x == nil`, `type(x)`.
    public let isTest: Bool
  }

  /// In the order of the text.
  public internal(set) var reads: [Read] = []
  public internal(set) var assigned: Set<Name> = []
  /// Names that `rawget` looks for.
  public internal(set) var tested: Set<Name> = []
  /// The line of the first local of each name.
  public internal(set) var locals: [String: Int] = [:]
  /// The modules that `require` gets by a constant name.
  public internal(set) var required: Set<String> = []
  /// Calls of globals whose results nothing gets.
  public internal(set) var statements: [Read] = []
  /// The text may set globals whose names it does not contain, or it has more names than are kept: nothing can be said
  /// about what is missing.
  public internal(set) var isOpen = false

  /// How many reads and how many names of each kind are kept.
  static let limit = 20_000

  /// Reads a text that Lua has compiled, in time linear in its length. Of another text, says that it is open.
  public static func read(_ text: [UInt8]) -> GlobalUses {
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
