/// Reads one field: lists of `*`, values, ranges that may wrap, steps, and L W # H ~.
struct CronFieldParser {
  let field: CronField
  let options: TriggerOptions
  var cursor: Cursor
  /// The expression, to which the field is added.
  var expression: CronExpression
  /// Bit n: value n; weekday 7 is already 0. Years are apart.
  var mask: UInt64 = 0

  mutating func parse() throws(TriggerError) -> CronExpression {
    if field == .year { expression.years = .none }
    if cursor.peek == UInt8(ascii: "*") || cursor.peek == UInt8(ascii: "?") {
      expression.starred.append(field)
    }
    repeat {
      try item()
    } while cursor.eat(",")
    guard cursor.atEnd else { throw unexpected() }
    switch field {
    case .second: expression.times.seconds = mask
    case .minute: expression.times.minutes = mask
    case .hour: expression.times.hours = mask
    case .day: expression.days.days = mask
    case .month: expression.months = mask
    case .weekday: expression.days.weekdays = mask
    case .year: expression.years = expression.years.simplified
    }
    return expression
  }

  private mutating func item() throws(TriggerError) {
    let start = cursor.position
    if cursor.eat("*") || cursor.eat("?") {
      return insert(field.all, step: try step() ?? 1)
    }
    if try lastDay() { return }
    if try hashed() { return }
    if cursor.peek == UInt8(ascii: "~") {
      return try randomValue(from: field.choices.lowerBound, at: start)
    }
    let first = try value()
    if try suffix(of: first, at: start) { return }
    if cursor.peek == UInt8(ascii: "~") { return try randomValue(from: first, at: start) }
    if cursor.eat("-") {
      let last = try value()
      return try insertRange(first, last, step: try step() ?? 1, at: start)
    }
    guard let step = try step() else { return insert(first) }
    insert(min(first, field.all.upperBound)...field.all.upperBound, step: step)
  }

  private mutating func insert(_ value: Int) {
    switch field {
    case .weekday: mask |= 1 << UInt64(value % 7)
    case .year: expression.years.insert(value)
    default: mask |= 1 << UInt64(value)
    }
  }

  private mutating func insert(_ range: ClosedRange<Int>, step: Int) {
    if step > range.count && range.count > 1 { expression.wideSteps[field] = step }
    for value in stride(from: range.lowerBound, through: range.upperBound, by: step) {
      insert(value)
    }
  }

  /// `22-4` goes on from 23 to 0; years do not wrap.
  private mutating func insertRange(
    _ first: Int, _ last: Int, step: Int, at start: Int
  ) throws(TriggerError) {
    if first <= last { return insert(first...last, step: step) }
    guard field != .year else {
      throw cursor.error(.outOfRange, "the years \(first)-\(last) run backwards", at: start)
    }
    let first = field == .weekday ? first % 7 : first
    let count = field.all.count
    let length = (last - first + count) % count
    for place in stride(from: 0, through: length, by: step) {
      insert(field.all.lowerBound + (first - field.all.lowerBound + place) % count)
    }
  }

  /// A number or a name in range.
  private mutating func value() throws(TriggerError) -> Int {
    let start = cursor.position
    if cursor.skip(while: isDigit) > 0 {
      let digits = cursor.text(start..<cursor.position)
      if isLetter(cursor.peek ?? 0) && field.names.isEmpty && field != .day {
        throw unexpected()
      }
      guard let number = Int(digits), field.range.contains(number) else {
        let range = "\(field.range.lowerBound)-\(field.range.upperBound)"
        throw cursor.error(
          .outOfRange, "\(field) \(digits) is out of range \(range)", at: start)
      }
      return number
    }
    guard isLetter(cursor.peek ?? 0) else { throw unexpected() }
    cursor.skip { isLetter($0) || $0 >= 128 }
    let word = cursor.text(start..<cursor.position)
    if let value = field.value(of: word) { return value }
    // "friL": the name ends before the L.
    if word.count > 3, word.last == "L" || word.last == "l",
      let value = field.value(of: String(word.dropLast()))
    {
      cursor.position -= 1
      return value
    }
    throw unknown(word, at: start)
  }

  private mutating func step() throws(TriggerError) -> Int? {
    guard cursor.eat("/") else { return nil }
    let start = cursor.position
    guard let step = cursor.number() else {
      throw cursor.error(
        .syntax, "a number is missing after / in the \(field) field", at: start)
    }
    guard step > 0 else {
      throw cursor.error(
        .outOfRange, "a step of 0 in the \(field) field; it is 1 or more", at: start)
    }
    return step
  }

  /// `L`, `L-3`, `LW`, `L-3W` in the day field.
  private mutating func lastDay() throws(TriggerError) -> Bool {
    let start = cursor.position
    guard field == .day || field == .weekday, cursor.eat("L") || cursor.eat("l") else {
      return false
    }
    guard field == .day else {
      throw cursor.error(
        .syntax, "L in the weekday field needs a weekday, as in friL, the last Friday", at: start,
        hint: "friL")
    }
    var before = 0
    if cursor.eat("-") {
      let at = cursor.position
      guard let number = cursor.number(), (1...30).contains(number) else {
        throw cursor.error(.outOfRange, "L- takes 1 to 30 days before the last", at: at)
      }
      before = number
    }
    if cursor.eat("W") || cursor.eat("w") {
      expression.days.nearestFromLast |= 1 << UInt64(before)
    } else {
      expression.days.fromLast |= 1 << UInt64(before)
    }
    return true
  }

  /// `15W`, `fri#3`, `friL`.
  private mutating func suffix(of value: Int, at start: Int) throws(TriggerError) -> Bool {
    if field == .day, cursor.eat("W") || cursor.eat("w") {
      expression.days.nearest |= 1 << UInt64(value)
      return true
    }
    guard field == .weekday else { return false }
    if cursor.eat("L") || cursor.eat("l") {
      expression.days.nthWeekdays |= 1 << UInt64(35 + value % 7)
      return true
    }
    guard cursor.eat("#") else { return false }
    let at = cursor.position
    guard let n = cursor.number(), (1...5).contains(n) else {
      throw cursor.error(
        .outOfRange, "# takes 1 to 5, as in fri#3, the third Friday; the last is friL", at: at,
        hint: "friL")
    }
    expression.days.nthWeekdays |= 1 << UInt64(7 * (n - 1) + value % 7)
    return true
  }

  /// `H`, `H(0-29)`, `H/15`, `H(0-29)/10`: a value by the hash of script and job.
  private mutating func hashed() throws(TriggerError) -> Bool {
    let start = cursor.position
    guard cursor.eat("H") || cursor.eat("h"), !isLetter(cursor.peek ?? 0) else {
      cursor.position = start
      return false
    }
    var range = field.choices
    if cursor.eat("(") {
      let first = try value()
      guard cursor.eat("-") else { throw unexpected() }
      let last = try value()
      guard cursor.eat(")") else { throw unexpected() }
      guard first <= last else {
        throw cursor.error(.outOfRange, "H(\(first)-\(last)) runs backwards", at: start)
      }
      range = first...last
    }
    let step = try step()
    if let step, step > range.count {
      throw cursor.error(
        .outOfRange,
        "H/\(step) exceeds the \(range.count) values \(range.lowerBound)-\(range.upperBound)",
        at: start)
    }
    insert(from: range, at: SeededRandom(options.hashKey), step: step)
    return true
  }

  /// `~`, `a~b`, `a~`, `~b`, `~/15`: a random value that depends on the seed.
  private mutating func randomValue(from first: Int, at start: Int) throws(TriggerError) {
    cursor.position += 1
    var last = max(first, field.choices.upperBound)
    if let next = cursor.peek, next != UInt8(ascii: ","), next != UInt8(ascii: "/") {
      last = try value()
    }
    guard first <= last else {
      throw cursor.error(.outOfRange, "\(first)~\(last) runs backwards", at: start)
    }
    insert(
      from: first...last, at: SeededRandom(seed: options.ownSeed ^ 0x7E7E), step: try step())
  }

  /// A random value of a range; with a step, also those that follow.
  private mutating func insert(
    from range: ClosedRange<Int>, at random: SeededRandom, step: Int?
  ) {
    let choices = UInt64(min(step ?? range.count, range.count))
    let first = range.lowerBound + Int(random.value(field.rawValue, below: choices))
    if let step { insert(first...range.upperBound, step: step) } else { insert(first) }
  }

  private func unknown(_ word: String, at start: Int) -> TriggerError {
    guard !field.names.isEmpty else {
      return cursor.error(
        .syntax, "the \(field) field does not take \(quoted(word))", at: start)
    }
    let short = field.names.map { String($0.prefix(3)) }
    let near = Spelling.nearest(to: word, in: short + (word.count > 4 ? field.names : []))
    let remedy = near.map { "did you mean \"\($0)\"?" } ?? "write \(short.joined(separator: " "))"
    return cursor.error(
      .unknownWord,
      "unknown \(field) \(quoted(word)) at column \(cursor.column(of: start)), \(remedy)",
      at: start, hint: near)
  }

  /// For signs of other dialects.
  private var remedy: String {
    switch (cursor.peek, field) {
    case (UInt8(ascii: "$"), .day): "; the last day of the month is L"
    case (UInt8(ascii: "$"), .weekday): "; the last Friday of the month is friL"
    case (UInt8(ascii: "%"), _): "; it has no meaning here: a script is no line of a crontab"
    default: ""
    }
  }

  private func unexpected() -> TriggerError {
    guard !cursor.atEnd else {
      return cursor.error(.syntax, "the \(field) field ends too early", at: cursor.position)
    }
    var end = cursor.position + 1
    while end < cursor.end && cursor.bytes[end] & 0xC0 == 0x80 { end += 1 }
    let found = quoted(cursor.text(cursor.position..<end))
    return cursor.error(
      .syntax, "unexpected \(found) in the \(field) field\(remedy)", at: cursor.position)
  }
}
