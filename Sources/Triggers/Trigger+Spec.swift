extension Trigger {
  /// Reads a whole spec, as the command line takes it: `every 10s`, `cron */5 * * * *`, `at 18:00`, `after 10m`.
  public static func parse(
    spec: String, _ options: TriggerOptions
  ) throws(TriggerError) -> Trigger {
    var cursor = Cursor(spec)
    cursor.skipSpaces()
    let start = cursor.position
    let word = cursor.word() ?? ""
    guard cursor.atEnd || cursor.skipSpaces() > 0 else { throw unknownSpec(spec, at: start) }
    let rest = cursor.text(cursor.position..<cursor.end)
    switch word {
    case "every": return try every(rest, options)
    case "cron": return try cron(rest, options)
    case "at": return try at(rest, options)
    case "after": return try after(rest)
    default: throw unknownSpec(spec, at: start)
    }
  }

  private static func unknownSpec(_ spec: String, at position: Int) -> TriggerError {
    let fields = spec.prefix(100).split(whereSeparator: \.isWhitespace)
    let word = fields.first.map(String.init) ?? ""
    let near = Spelling.nearest(to: word, in: ["every", "cron", "after"])
    let first = word.utf8.first ?? 0
    let looksLikeCron =
      word.hasPrefix("@") || word.contains("*") || isDigit(first) && fields.count > 4
    let remedy =
      near.map { "did you mean \"\($0)\"?" }
      ?? (looksLikeCron
        ? "did you mean \(quoted("cron " + spec.prefix(100)))?"
        : "it begins with every, cron, at or after, as in \"every 10s\"")
    return TriggerError(
      .syntax, "\(quoted(spec)) is not a trigger: \(remedy)", column: position + 1, hint: near)
  }
}
