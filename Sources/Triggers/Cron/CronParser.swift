/// Reads a cron expression: five fields, six with seconds first, seven with years last, or a macro.
///
/// The rules are Vixie cron's, with the extensions of Quartz (L W #), Jenkins (H) and OpenBSD (~).
struct CronParser {
  private let options: TriggerOptions
  /// The text with one space between fields.
  private let text: String
  private let cursor: Cursor
  private let fields: [Range<Int>]

  init(_ text: String, _ options: TriggerOptions) throws(TriggerError) {
    guard text.utf8.count <= longestText else {
      throw TriggerError(
        .tooLong, "a cron expression of \(text.utf8.count) characters is too long")
    }
    self.options = options
    cursor = Cursor(text, label: "cron")
    fields = Self.split(cursor)
    self.text = fields.map { [cursor] in cursor.text($0) }.joined(separator: " ")
  }

  private static func split(_ cursor: Cursor) -> [Range<Int>] {
    var cursor = cursor
    var fields: [Range<Int>] = []
    while true {
      cursor.skipSpaces()
      if cursor.atEnd { return fields }
      let start = cursor.position
      cursor.skip { !isSpace($0) }
      fields.append(start..<cursor.position)
    }
  }

  func parse() throws(TriggerError) -> Trigger {
    if text.hasPrefix("@") { return try macro() }
    return try trigger(of: self, named: "cron " + text)
  }

  private static let macros = [
    "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0", "@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
  ]

  /// The macros of systemd, fcron, Jenkins and others.
  private static let elsewhere = [
    "@minutely": "every(\"minute\")", "@secondly": "every(\"1s\")",
    "@quarterly": "cron(\"0 0 1 */3 *\")", "@semiannually": "cron(\"0 0 1 */6 *\")",
    "@noon": "cron(\"0 12 * * *\")", "@nightly": "cron(\"0 0 * * *\")",
    "@weekdays": "cron(\"0 0 * * mon-fri\")", "@weekday": "cron(\"0 0 * * mon-fri\")",
    "@weekends": "cron(\"0 0 * * sat,sun\")", "@weekend": "cron(\"0 0 * * sat,sun\")",
    "@fortnightly": "every(\"2 weeks\")", "@biweekly": "every(\"2 weeks\")",
    "@startup": "cron(\"@reboot\")", "@start": "cron(\"@reboot\")", "@boot": "cron(\"@reboot\")",
    "@once": "after(\"1s\")",
  ]

  private func macro() throws(TriggerError) -> Trigger {
    let name = text.lowercased()
    if name == "@reboot" { return .reboot }
    if let expression = Self.macros[name] {
      return try trigger(of: try CronParser(expression, options), named: "cron " + name)
    }
    if let spec = Self.elsewhere[name.replacing("-", with: "_")] {
      throw cursor.error(.unknownWord, "write \(spec) instead of cron \(name)", at: 0)
    }
    if name.hasPrefix("@every") {
      let rest = String(
        text.dropFirst(6).map { $0 == "_" || $0 == "-" ? " " : $0 }.drop { $0 == " " })
      throw cursor.error(
        .unknownWord, "write every(\(quoted(rest))) instead of cron @every", at: 0,
        hint: "every \(rest)")
    }
    let near = Spelling.nearest(to: name, in: Self.macros.keys.sorted() + ["@reboot"])
    let remedy =
      near.map { "did you mean \"\($0)\"?" } ?? "there are @hourly @daily @midnight "
      + "@weekly @monthly @yearly @annually @reboot"
    throw cursor.error(
      .unknownWord, "unknown macro \(quoted(text)), \(remedy)", at: 0, hint: near)
  }

  private func trigger(of parser: CronParser, named text: String) throws(TriggerError) -> Trigger {
    let expression = try parser.fieldValues()
    let dayPlace = parser.fields.count > 5 ? 3 : 2
    let rule = expression.rule
    guard rule.next(from: 0, anchor: 0) != nil else {
      throw TriggerError(
        .neverFires, "\(cursor.subject) never fires: \(expression.reasonNeverToFire)",
        column: cursor.column(of: parser.fields[dayPlace].lowerBound))
    }
    return .calendar(
      CalendarTrigger(
        text: text, zone: options.zone,
        policy: ClockPolicy(options, wildcard: expression.isWildcard), rule: .civil(rule),
        warnings: expression.warnings(
          parser.cursor.text(parser.fields[dayPlace + 2]),
          isQuartz: parser.fields.count > 5 || parser.text.contains("?"))))
  }

  private func fieldValues() throws(TriggerError) -> CronExpression {
    try refuseZone()
    guard (5...7).contains(fields.count) else {
      let count = fields.count == 1 ? "1 field" : "\(fields.count) fields"
      throw TriggerError(
        .syntax,
        fields.isEmpty
          ? "the cron expression is empty; write for example \"*/5 * * * *\""
          : "\(cursor.subject) has \(count); it takes 5 (minute hour day month weekday), "
            + "6 (second first) or 7 (year last)", column: 1)
    }
    var expression = CronExpression()
    for (field, place) in zip(CronField.allCases.dropFirst(fields.count > 5 ? 0 : 1), fields) {
      var parser = CronFieldParser(
        field: field, options: options, cursor: cursor.within(place), expression: expression)
      do { expression = try parser.parse() } catch {
        throw fields.count == 6 ? ofSixFields(error, in: field, place) : error
      }
    }
    return expression
  }

  /// Refuses `CRON_TZ=Asia/Tokyo 0 9 * * *`, which other crons take, and a zone as the last field.
  private func refuseZone() throws(TriggerError) {
    guard let first = fields.first, let last = fields.last else { return }
    let name = cursor.text(last)
    if fields.count > 4, Self.isZone(name) {
      throw cursor.error(
        .zone, "give the zone by itself, as tz = \(quoted(name))", at: last.lowerBound)
    }
    let parts = cursor.text(first).split(separator: "=")
    guard parts.count == 2, ["TZ", "CRON_TZ"].contains(parts[0].uppercased()) else { return }
    throw cursor.error(.zone, "give the zone by itself, as tz = \(quoted(parts[1]))", at: 0)
  }

  /// `Asia/Kuala_Lumpur`, `UTC`, `Z`, `CET`, `GMT+1`.
  private static func isZone(_ text: String) -> Bool {
    let upper = text.uppercased()
    if ["Z", "UTC", "GMT", "CET", "CEST", "EET", "EST", "EDT", "CST", "PST", "PDT", "BST", "IST"]
      .contains(upper)
    {
      return true
    }
    if ["GMT", "UTC", "ETC"].contains(where: { upper.hasPrefix($0) }) { return true }
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    return parts.count > 1
      && parts.allSatisfy { part in
        part.utf8.count > 2 && part.utf8.allSatisfy { isLetter($0) || $0 == 95 || $0 == 45 }
      }
  }

  private func ofSixFields(
    _ error: TriggerError, in field: CronField, _ place: Range<Int>
  ) -> TriggerError {
    var message = error.message + "; the first of 6 fields is seconds"
    if field == .weekday, error.code == .outOfRange,
      let year = Int(cursor.text(place).prefix(4)), year >= YearSet.first
    {
      message += ", and with a year there are 7"
    }
    return TriggerError(error.code, message, column: error.column, hint: error.hint)
  }
}
