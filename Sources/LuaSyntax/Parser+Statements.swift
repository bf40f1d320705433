extension Parser {
  /// Reads statements up to the end of their block, which the caller reads.
  mutating func block() throws(SyntaxError) {
    scope.open()
    try statements()
    scope.close()
  }

  private mutating func statements() throws(SyntaxError) {
    while !isAtBlockEnd {
      guard !uses.isOpen else { throw SyntaxError() }  // the rest would change nothing
      let isReturn = token == .keyword(.return)
      try enter()
      try statement()
      leave()
      if isReturn { return }
    }
  }

  private var isAtBlockEnd: Bool {
    switch token {
    case .end, .keyword(.end), .keyword(.else), .keyword(.elseif), .keyword(.until): true
    default: false
    }
  }

  private mutating func statement() throws(SyntaxError) {
    guard case .keyword(let keyword) = token else {
      if try skip(";") { return }
      if try skip("::") {
        _ = try name()
        return try expect("::")
      }
      return try assignmentOrCall()
    }
    switch keyword {
    case .if: try conditional()
    case .while:
      try advance()
      try condition()
      try body(from: .do)
    case .do: try body(from: .do)
    case .for: try loop()
    case .repeat: try repetition()
    case .function: try functionStatement()
    case .local: try local()
    case .return: try returnStatement()
    case .break: try advance()
    case .goto:
      try advance()
      _ = try name()
    default: throw SyntaxError()
    }
  }

  /// `do ... end`
  private mutating func body(from first: Keyword) throws(SyntaxError) {
    try expect(first)
    try block()
    try expect(.end)
  }

  private mutating func condition() throws(SyntaxError) { test(try expression(isCondition: true)) }

  private mutating func conditional() throws(SyntaxError) {
    repeat {
      try advance()
      try condition()
      try expect(.then)
      try block()
    } while token == .keyword(.elseif)
    if try skip(.else) { try block() }
    try expect(.end)
  }

  /// The condition sees the locals of the block.
  private mutating func repetition() throws(SyntaxError) {
    try advance()
    scope.open()
    try statements()
    try expect(.until)
    try condition()
    scope.close()
  }

  private mutating func loop() throws(SyntaxError) {
    try advance()
    var variables: [(name: String, line: Int)] = []
    repeat {
      let start = line
      variables.append((try name(), start))
    } while try skip(",")
    if try !skip("=") { try expect(.in) }
    try expressions()
    scope.open()
    for variable in variables { declare(variable.name, at: variable.line) }
    try body(from: .do)
    scope.close()
  }

  private mutating func functionStatement() throws(SyntaxError) {
    try advance()
    let start = line
    var target = named(try name(), at: start)
    var isMethod = false
    while !isMethod, token == .sign(".") || token == .sign(":") {
      isMethod = token == .sign(":")
      try advance()
      let start = line
      target = field(try name(), of: target, at: start)
    }
    assign(target)
    try function(isMethod: isMethod)
  }

  private mutating func local() throws(SyntaxError) {
    try advance()
    if try skip(.function) {
      let start = line
      declare(try name(), at: start)
      return try function(isMethod: false)
    }
    var variables: [(name: String, line: Int)] = []
    repeat {
      let start = line
      variables.append((try name(), start))
      if try skip("<") {
        _ = try name()
        try expect(">")
      }
    } while try skip(",")
    if try skip("=") { try expressions() }
    for variable in variables { declare(variable.name, at: variable.line) }
  }

  private mutating func returnStatement() throws(SyntaxError) {
    try advance()
    if !isAtBlockEnd, token != .sign(";") { try expressions() }
    _ = try skip(";")
  }

  private mutating func assignmentOrCall() throws(SyntaxError) {
    var targets = [try suffixed()]
    guard token == .sign("=") || token == .sign(",") else {
      noteStatement()
      return use(targets[0])
    }
    while try skip(",") { targets.append(try suffixed()) }
    try expect("=")
    try expressions()
    for target in targets { assign(target) }
  }

  /// A list of expressions, each of whose values is used.
  mutating func expressions() throws(SyntaxError) {
    repeat { use(try expression()) } while try skip(",")
  }

  /// Parameters and body of a function, after its name.
  mutating func function(isMethod: Bool) throws(SyntaxError) {
    scope.open()
    if isMethod { scope.add("self") }
    try expect("(")
    while token != .sign(")") {
      if try !skip("...") {
        let start = line
        declare(try name(), at: start)
      }
      guard try skip(",") else { break }
    }
    try expect(")")
    try block()
    try expect(.end)
    scope.close()
  }
}
