/// An event of the sun that happens once a day at a place.
///
/// Sunrise and sunset are those of the upper edge, with the usual refraction (50 minutes of arc
/// below the horizon). Dawn and dusk are civil (6 degrees below) unless named otherwise.
struct SunEvent: Equatable, Sendable {
  enum Kind: String, Hashable, Sendable, CaseIterable {
    case sunrise, sunset, noon, dawn, dusk
  }
  enum Twilight: String, Hashable, Sendable, CaseIterable {
    case civil, nautical, astronomical
  }

  var kind: Kind
  /// Only of dawn and dusk.
  var twilight = Twilight.civil

  /// The altitude of the sun's centre, in degrees.
  var altitude: Double {
    switch (kind, twilight) {
    case (.sunrise, _), (.sunset, _): -50.0 / 60
    case (.noon, _): 0
    case (_, .civil): -6
    case (_, .nautical): -12
    case (_, .astronomical): -18
    }
  }

  var isMorning: Bool { kind == .sunrise || kind == .dawn }

  var words: String {
    kind == .noon
      ? "solar noon" : (twilight == .civil ? "" : twilight.rawValue + " ") + kind.rawValue
  }
}

/// An event of the sun at a place, with an offset in nanoseconds (negative: before the event) of a day at most.
struct SunRule: Equatable, Sendable {
  var event: SunEvent
  var offset: Int64
  /// Degrees north and east.
  var latitude: Double
  var longitude: Double

  /// The first such instant strictly after `instant`, to the second. Skips up to 400 days on which the event does not
  /// happen.
  func next(after instant: Timestamp, budget: inout SearchBudget) -> Timestamp? {
    let sun = SolarPosition(latitude: latitude, longitude: longitude)
    let target = instant.advanced(by: -offset)
    let first = Int(floorDivide(target.seconds, 86400)) - 2
    for day in first...first + 402 {
      let mayHappen = sun.mayHappen(event, onDay: day)
      guard budget.step(mayHappen ? Self.stepsOfDay : 1) else { return nil }
      guard mayHappen, let second = sun.second(of: event, onDay: day) else { continue }
      if second > Zone.lastSecond { return nil }
      let fire = Timestamp(seconds: second).advanced(by: offset)
      if fire > instant { return fire < .distantFuture ? fire : nil }
    }
    return nil
  }

  /// The cost of finding an event in one day.
  private static let stepsOfDay = 10

  var words: String {
    let distance = DurationText.words(abs(offset))
    let prefix = offset == 0 ? "At " : distance + (offset < 0 ? " before " : " after ")
    return prefix + event.words + " at " + Self.degrees(latitude, "N", "S") + ", "
      + Self.degrees(longitude, "E", "W")
  }

  private static func degrees(_ value: Double, _ positive: String, _ negative: String) -> String {
    let thousandths = round(value.magnitude * 1000)
    let text =
      thousandths % 1000 == 0
      ? String(thousandths / 1000) : String(Double(thousandths) / 1000)
    return text + "° " + (value < 0 ? negative : positive)
  }
}
