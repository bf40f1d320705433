/// Reads a Lua 5.4 text once and notes its globals. It makes no tree: of an expression it keeps one ``Operand``.
struct Parser {
  private(set) var uses = GlobalUses()
  private var lexer: Lexer
  var token = Token.end
  /// The line of `token`.
  var line = 1
  var scope = Scope()
  private var depth = 0
  /// The call that has been read last, if it calls a global.
  var lastCall: GlobalUses.Read?
  /// How many calls of `test` are open: their functions run in a test only.
  var testDepth = 0

  init(_ text: [UInt8]) { lexer = Lexer(text) }

  mutating func readChunk() throws(SyntaxError) {
    try advance()
    try block()
    guard token == .end else { throw SyntaxError() }
  }

  // MARK: Tokens

  mutating func advance() throws(SyntaxError) {
    token = try lexer.next()
    line = lexer.line
  }

  mutating func skip(_ sign: String) throws(SyntaxError) -> Bool {
    guard token == .sign(sign) else { return false }
    try advance()
    return true
  }

  mutating func skip(_ keyword: Keyword) throws(SyntaxError) -> Bool {
    guard token == .keyword(keyword) else { return false }
    try advance()
    return true
  }

  mutating func expect(_ sign: String) throws(SyntaxError) {
    guard try skip(sign) else { throw SyntaxError() }
  }

  mutating func expect(_ keyword: Keyword) throws(SyntaxError) {
    guard try skip(keyword) else { throw SyntaxError() }
  }

  mutating func name() throws(SyntaxError) -> String {
    guard case .name(let name) = token else { throw SyntaxError() }
    try advance()
    return name
  }

  /// Call it before a part that may contain others of its kind, and ``leave()`` after it. Lua has the same limit.
  mutating func enter() throws(SyntaxError) {
    depth += 1
    guard depth <= 200 else { throw SyntaxError() }
  }

  mutating func leave() { depth -= 1 }

  /// Whether the token after this one is the sign.
  func isNext(_ sign: String) throws(SyntaxError) -> Bool {
    var ahead = lexer
    return try ahead.next() == .sign(sign)
  }

  // MARK: Notes

  mutating func declare(_ name: String, at line: Int) {
    scope.add(name)
    if uses.locals.count < GlobalUses.limit, uses.locals[name] == nil { uses.locals[name] = line }
  }

  /// Notes that a value is used.
  mutating func use(_ operand: Operand) {
    switch operand {
    case .name(let name, let line): read(name, line, isTest: false)
    case .globals: uses.isOpen = true
    case .other, .anyGlobal, .string, .constant: break
    }
  }

  /// Notes that the text tests whether there is a value.
  mutating func test(_ operand: Operand) {
    switch operand {
    case .name(let name, let line):
      if name.field != nil { read(GlobalUses.Name(name.global), line, isTest: false) }
      read(name, line, isTest: true)
    case .other, .anyGlobal, .globals, .string, .constant: break
    }
  }

  private mutating func read(_ name: GlobalUses.Name, _ line: Int, isTest: Bool) {
    // `expect` is a word of tests. A text that `load` compiles may set anything.
    guard testDepth == 0 || name.global != "expect" else { return }
    if name.global == "load" || uses.reads.count == GlobalUses.limit { uses.isOpen = true }
    let read = GlobalUses.Read(name: name, line: line, isTest: isTest)
    guard !uses.isOpen, uses.reads.last != read else { return }
    uses.reads.append(read)
  }

  /// Notes a test that does not read the global.
  mutating func testRaw(_ name: GlobalUses.Name) { insert(name, into: \.tested) }

  mutating func assign(_ target: Operand) {
    switch target {
    case .name(let name, let line):
      if name.field != nil { read(GlobalUses.Name(name.global), line, isTest: false) }
      insert(name, into: \.assigned)
    case .anyGlobal, .globals: uses.isOpen = true
    case .other, .string, .constant: break
    }
  }

  /// Notes the last call of a statement that is a call.
  mutating func noteStatement() {
    guard let lastCall, uses.statements.count < GlobalUses.limit else { return }
    uses.statements.append(lastCall)
  }

  mutating func require(_ module: String) {
    if uses.required.count < 100 { uses.required.insert(module) } else { uses.isOpen = true }
  }

  private mutating func insert(
    _ name: GlobalUses.Name, into set: WritableKeyPath<GlobalUses, Set<GlobalUses.Name>>
  ) {
    if uses[keyPath: set].count < GlobalUses.limit {
      uses[keyPath: set].insert(name)
    } else {
      uses.isOpen = true
    }
  }
}
