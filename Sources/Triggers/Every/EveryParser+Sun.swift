extension EveryParser {
  /// `sunset - 15m`, `nautical dawn`, `dusk_astronomical + 1h`, `solar noon`.
  mutating func sunEvent() throws(TriggerError) -> Trigger? {
    guard let event = eventName() else { return nil }
    cursor.skipSpaces()
    var offset: Int64 = 0
    if !cursor.atEnd {
      let start = cursor.position
      let isBefore = cursor.eat("-")
      guard isBefore || cursor.eat("+") else { throw expected("+ or - and a duration") }
      let length = try DurationText.parse(cursor.rest)
      guard length <= 86_400_000_000_000 else {
        throw cursor.error(.outOfRange, "an offset from the sun is at most a day", at: start)
      }
      offset = isBefore ? -length : length
    }
    let place = try place(for: event)
    let rule = SunRule(
      event: event, offset: offset, latitude: place.latitude, longitude: place.longitude)
    let start = Timestamp(seconds: 946_684_800)
    var budget = SearchBudget()
    guard rule.next(after: start, budget: &budget) != nil else {
      throw TriggerError(
        .neverFires, "\(cursor.subject) never fires at that latitude", column: 1)
    }
    return .calendar(
      CalendarTrigger(text: "every " + cursor.source, zone: options.zone, rule: .sun(rule)))
  }

  /// The length of `astronomical sunrise`, with room for spaces.
  private static let longestEvent = 40

  private mutating func eventName() -> SunEvent? {
    let start = cursor.position
    cursor.skip { isLetter($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: " ") }
    guard cursor.position - start <= Self.longestEvent else {
      cursor.position = start
      return nil
    }
    let words = cursor.text(start..<cursor.position).lowercased()
      .split { $0 == " " || $0 == "_" }.map(String.init)
    if words == ["solar", "noon"] { return SunEvent(kind: .noon) }
    if let kind = words.lazy.compactMap(SunEvent.Kind.init).first {
      if words.count == 1 { return SunEvent(kind: kind) }
      if words.count == 2, kind == .dawn || kind == .dusk,
        let twilight = words.lazy.compactMap(SunEvent.Twilight.init).first
      {
        return SunEvent(kind: kind, twilight: twilight)
      }
    }
    cursor.position = start
    return nil
  }

  private func place(
    for event: SunEvent
  ) throws(TriggerError) -> (latitude: Double, longitude: Double) {
    guard let latitude = options.latitude, let longitude = options.longitude else {
      let clock = event.kind == .noon ? "; for 12:00 write \"day at noon\"" : ""
      throw TriggerError(
        .syntax,
        "\(cursor.subject) needs a place: give lat and lon in degrees, as in "
          + "{ lat = 52.5, lon = 13.4 }\(clock)", column: 1, hint: "lat")
    }
    for (name, value, most) in [("lat", latitude, 90), ("lon", longitude, 180)]
    where !(value.magnitude <= Double(most)) {
      throw TriggerError(.outOfRange, "\(name) \(value) is out of range -\(most) to \(most)")
    }
    return (latitude, longitude)
  }
}
