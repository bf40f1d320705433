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
      return .every(nanoseconds: period, text: DurationText.unlessShortest(words, of: period))
    } catch {
      if let remedy = EveryParser.partOfDay(words) { throw remedy }
      guard EveryParser.looksLikeEnglish(words) else { throw error }
    }
    var parser = EveryParser(words, options)
    return try parser.parse()
  }

  /// A period in seconds.
  public static func every(seconds: Double) throws(TriggerError) -> Trigger {
    .every(nanoseconds: try DurationText.nanoseconds(seconds: seconds))
  }
}
