extension Parser {
  /// An operator whose right side has not been read yet, with its left side if it has one.
  private struct Pending {
    var sign: String
    var precedence: Int
    var left: Operand
    /// The left side is `a and b`: its last part is one of two alternatives, not a test.
    var isAlternative = false
  }

  /// Reads an expression whose value is not used yet; with `isCondition`, it will only be tested. Operators wait on a
  /// stack of their own, so that a long chain of them takes no depth.
  mutating func expression(isCondition: Bool = false) throws(SyntaxError) -> Operand {
    try enter()
    defer { leave() }
    return try operators(isCondition)
  }

  private mutating func operators(_ isCondition: Bool) throws(SyntaxError) -> Operand {
    var pending: [Pending] = []
    while true {
      while let sign = unaryOperator {
        pending.append(Pending(sign: sign, precedence: 12, left: .other))
        try advance()
      }
      var value = try simple()
      var isAlternative = false
      let next = binaryOperator
      while let last = pending.last, last.precedence >= next?.left ?? 0 {
        pending.removeLast()
        value = apply(last, to: value)
        isAlternative = last.sign == "and" && !isCondition
      }
      guard let next else { return value }
      pending.append(
        Pending(
          sign: next.sign, precedence: next.right, left: value, isAlternative: isAlternative))
      try advance()
    }
  }

  private var unaryOperator: String? {
    switch token {
    case .keyword(.not): "not"
    case .sign("-"), .sign("~"), .sign("#"): "#"
    default: nil
    }
  }

  /// The operator here and its precedences to both sides (manual, 3.4.8); nil at the end of the expression.
  private var binaryOperator: (sign: String, left: Int, right: Int)? {
    switch token {
    case .keyword(.or): ("or", 1, 1)
    case .keyword(.and): ("and", 2, 2)
    case .sign(let sign):
      switch sign {
      case "==", "~=", "<", ">", "<=", ">=": (sign, 3, 3)
      case "|": (sign, 4, 4)
      case "~": (sign, 5, 5)
      case "&": (sign, 6, 6)
      case "<<", ">>": (sign, 7, 7)
      case "..": (sign, 9, 8)
      case "+", "-": (sign, 10, 10)
      case "*", "/", "//", "%": (sign, 11, 11)
      case "^": (sign, 14, 13)
      default: nil
      }
    default: nil
    }
  }

  private mutating func apply(_ operation: Pending, to right: Operand) -> Operand {
    let left = operation.left
    switch operation.sign {
    case "not": test(right)
    case "and":
      test(left)
      return right
    case "or":
      if operation.isAlternative { use(left) } else { test(left) }
      // `table.unpack or unpack` asks for a name of another version of Lua.
      guard case .name = left, case .name = right, !operation.isAlternative else { return right }
      test(right)
    case "==", "~=":
      switch (left, right) {
      case (_, .constant): test(left)
      case (.constant, _): test(right)
      default:
        use(left)
        use(right)
      }
    default:
      use(left)
      use(right)
    }
    return .other
  }

  private mutating func simple() throws(SyntaxError) -> Operand {
    switch token {
    case .number, .sign("..."), .string(nil): try advance()
    case .string(let text?):
      try advance()
      return .string(text)
    case .keyword(.nil), .keyword(.true), .keyword(.false):
      try advance()
      return .constant
    case .keyword(.function):
      try advance()
      try function(isMethod: false)
    case .sign("{"): try table()
    default: return try suffixed()
    }
    return .other
  }

  private mutating func table() throws(SyntaxError) {
    try expect("{")
    while token != .sign("}") {
      if try skip("[") {
        use(try expression())
        try expect("]")
        try expect("=")
        use(try expression())
      } else {
        try item()
      }
      if try !skip(",") { guard try skip(";") else { break } }
    }
    try expect("}")
  }

  /// `name = value` or a value. A name alone cannot be told from a key before the next token.
  private mutating func item() throws(SyntaxError) {
    guard case .name = token, try isNext("=") else { return use(try expression()) }
    _ = try name()
    try expect("=")
    use(try expression())
  }

  // MARK: Names, fields, calls

  /// A name or an expression in parentheses, with fields, indexes and calls after it.
  mutating func suffixed() throws(SyntaxError) -> Operand {
    var value: Operand
    let start = line
    if try skip("(") {
      value = try expression()
      try expect(")")
    } else {
      value = named(try name(), at: start)
    }
    while true {
      let start = line
      switch token {
      case .sign("."):
        try advance()
        value = field(try name(), of: value, at: start)
      case .sign("["):
        try advance()
        value = index(try expression(), of: value, at: start)
        try expect("]")
      case .sign(":"):
        try advance()
        use(value)
        _ = try name()
        try call(.other)
        value = .other
      case .sign("("), .sign("{"), .string:
        try call(value)
        value = .other
      default: return value
      }
    }
  }

  /// A name is a field of `_ENV`, which may be a local of the script.
  func named(_ name: String, at line: Int) -> Operand {
    if scope.contains(name) || scope.contains("_ENV") { return .other }
    return name == "_G" || name == "_ENV" ? .globals : .name(GlobalUses.Name(name), line)
  }

  mutating func field(_ name: String, of value: Operand, at line: Int) -> Operand {
    switch value {
    case .globals: return .name(GlobalUses.Name(name), line)
    case .name(let base, _) where base.field == nil:
      return .name(GlobalUses.Name(base.global, name), line)
    default:
      use(value)
      return .other
    }
  }

  private mutating func index(_ key: Operand, of value: Operand, at line: Int) -> Operand {
    if case .string(let name) = key { return field(name, of: value, at: line) }
    use(key)
    if case .globals = value { return .anyGlobal }
    use(value)
    return .other
  }

  private mutating func call(_ function: Operand) throws(SyntaxError) {
    use(function)
    var word: String?
    let start = line
    if case .name(let name, _) = function, name.field == nil { word = name.global }
    defer {
      lastCall = word.map {
        GlobalUses.Read(name: GlobalUses.Name($0), line: start, isTest: false)
      }
    }
    let isTest = word == "test"
    if isTest { testDepth += 1 }
    let arguments = try self.arguments()
    if isTest { testDepth -= 1 }
    note(arguments, of: word)
  }

  /// The first two arguments, not used yet.
  private mutating func arguments() throws(SyntaxError) -> [Operand] {
    if case .string(let text) = token {
      try advance()
      return [text.map { .string($0) } ?? .other]
    }
    if token == .sign("{") {
      try table()
      return []
    }
    try expect("(")
    var arguments: [Operand] = []
    while token != .sign(")") {
      let value = try expression()
      if arguments.count < 2 { arguments.append(value) } else { use(value) }
      guard try skip(",") else { break }
    }
    try expect(")")
    return arguments
  }

  /// Notes the arguments of a call, by the name of the function.
  private mutating func note(_ arguments: [Operand], of function: String?) {
    var rest = arguments[...]
    switch (function, arguments.first) {
    case ("type", let first?), ("assert", let first?):
      test(first)
      rest = arguments.dropFirst()
    case ("rawget", .globals), ("rawset", .globals):
      if arguments.count > 1, case .string(let name) = arguments[1] {
        let name = GlobalUses.Name(name)
        if function == "rawget" { testRaw(name) } else { assign(.name(name, line)) }
      } else if function == "rawset" {
        assign(.anyGlobal)
      }
      rest = []
    case ("pairs", .globals), ("next", .globals), ("rawlen", .globals), ("getmetatable", .globals):
      rest = arguments.dropFirst()
    case ("require", .string(let module)): require(module)
    default: break
    }
    for argument in rest { use(argument) }
  }
}
