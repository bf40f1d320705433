extension Trigger {
  /// A period (`10s`), a random gap (`5 to 10 minutes`), or a calendar rule (`day at 10:30`).
  public static func every(_ text: String, _ options: TriggerOptions) throws(TriggerError)
    -> Trigger
  {
    guard text.utf8.count <= longestText else {
      throw TriggerError(.tooLong, "a spec of \(text.utf8.count) characters is too long")
    }
    let words = collapsed(text)
    if let gap = try RandomGap(words)?.ends() {
      return .everyBetween(gap.low, gap.high, seed: options.ownSeed, text: words)
    }
    do {
      let period = try DurationText.parse(words)
      return .every(nanoseconds: period, text: kept(words, for: period))
    } catch {
      if let remedy = EveryParser.partOfDay(words) { throw remedy }
      guard EveryParser.looksLikeEnglish(words) else { throw error }
    }
    var parser = EveryParser(words, options)
    return try parser.parse()
  }

  /// What ``every(_:_:)`` and ``after(_:)`` make of a number and a short unit, as in "10s"; nil for anything else.
  public static func plain(_ text: String, once: Bool) -> Trigger? {
    guard let length = DurationText.plain(text.utf8) else { return nil }
    let text = kept(text, for: length)
    return once
      ? .after(nanoseconds: length, text: text) : .every(nanoseconds: length, text: text)
  }

  /// A period in seconds.
  public static func every(seconds: Double) throws(TriggerError) -> Trigger {
    .every(nanoseconds: try DurationText.nanoseconds(seconds: seconds))
  }

  /// Five, six (seconds first) or seven (years last) fields, or a macro. Refuses what never fires.
  public static func cron(_ text: String, _ options: TriggerOptions) throws(TriggerError) -> Trigger
  {
    try CronParser(text, options).parse()
  }

  /// Once, after a length of elapsed time.
  public static func after(_ text: String) throws(TriggerError) -> Trigger {
    let words = collapsed(text)
    let delay = try DurationText.parse(words)
    return .after(nanoseconds: delay, text: kept(words, for: delay))
  }

  /// Once, after a number of seconds.
  public static func after(seconds: Double) throws(TriggerError) -> Trigger {
    .after(nanoseconds: try DurationText.nanoseconds(seconds: seconds))
  }

  /// What a user wrote, unless it is the text that we would write.
  static func kept(_ text: String, for nanoseconds: Int64) -> String {
    text == DurationText.format(nanoseconds) ? "" : text
  }

  /// Trimmed, and one space for each run of white space.
  static func collapsed(_ text: String) -> String {
    guard text.utf8.count <= longestText else { return text }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count)
    for byte in text.utf8 {
      if !isSpace(byte) {
        bytes.append(byte)
      } else if let last = bytes.last, last != UInt8(ascii: " ") {
        bytes.append(UInt8(ascii: " "))
      }
    }
    if bytes.last == UInt8(ascii: " ") { bytes.removeLast() }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// A whole spec, as the command line takes it: `every 10s`, `cron */5 * * * *`, `at 18:00`,
  /// `after 10m`.
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
