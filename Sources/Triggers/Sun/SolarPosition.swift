/// The position of the sun, seen from a place.
///
/// Jean Meeus, "Astronomical Algorithms", second edition: the apparent place of the sun by chapter
/// 25 (low accuracy, 0.01 degrees), sidereal time by chapter 12. Instead of formulas for rising and setting, bisection
/// between the culminations finds where the altitude crosses the threshold; this is exact even where the sun grazes the
/// horizon. Accurate to half a minute between 65 degrees south and north, for the years 1900 to 2100.
struct SolarPosition {
  private let longitude: Double
  private let latitude: (sin: Double, cos: Double)

  init(latitude: Double, longitude: Double) {
    self.latitude = Degrees.sinCos(latitude)
    self.longitude = longitude
  }

  /// The second of UTC of an event on the `day`th day after 1970-01-01, by the place's own mean time; nil if the event
  /// does not happen that day. Call it only if ``mayHappen(_:onDay:)``.
  func second(of event: SunEvent, onDay day: Int) -> Int64? {
    let threshold = Degrees.sin(event.altitude)
    let noon = self.noon(near: meanNoon(ofDay: day))
    if event.kind == .noon { return round(noon) }
    // Near the poles the sun may cross in the other half of the day, between midnight and the next noon.
    let halfDay: Double = event.isMorning ? -43200 : 43200
    guard sinAltitude(noon) >= threshold,
      let span = [0, halfDay].first(where: { sinAltitude(noon + $0 + halfDay) < threshold })
    else { return nil }
    var (above, below) = (noon + span, noon + span + halfDay)
    while (above - below).magnitude > 0.5 {
      let middle = (above + below) / 2
      if sinAltitude(middle) >= threshold { above = middle } else { below = middle }
    }
    return round(above)
  }

  private func meanNoon(ofDay day: Int) -> Double {
    Double(day) * 86400 + 43200 - longitude * 240
  }

  /// Whether the sun comes near the altitude of an event that day. A quick check of the declination, so that a polar
  /// night costs little.
  func mayHappen(_ event: SunEvent, onDay day: Int) -> Bool {
    if event.kind == .noon { return true }
    let threshold = Degrees.sin(event.altitude)
    let north = position(meanNoon(ofDay: day)).north
    let square = north * north
    // The first terms of the square root of 1 - x, enough for x below 0.16.
    let rise = latitude.cos * (1 - square * (0.5 + square * (0.125 + square * 0.0625)))
    let middle = latitude.sin * north
    // The declination changes by less than this much of a radius in a day.
    let margin = 0.01
    return middle + rise > threshold - margin && middle - rise < threshold + margin
  }

  /// The time when the sun crosses the meridian, within 17 minutes of mean noon. Each round corrects by the sun's
  /// distance west; the error is then milliseconds.
  private func noon(near mean: Double) -> Double {
    var noon = mean
    for _ in 0..<3 {
      let sun = position(noon)
      noon -= sun.west / sun.south * (43200 / Double.pi)
    }
    return noon
  }

  private func sinAltitude(_ second: Double) -> Double {
    let sun = position(second)
    return latitude.sin * sun.north + latitude.cos * sun.south
  }

  /// The sun's direction from the equator at this longitude: along the axis to the north, to the west, and towards the
  /// meridian.
  private func position(_ second: Double) -> (north: Double, west: Double, south: Double) {
    let days = second / 86400 - 10957.5
    // Terrestrial time is some 70 seconds ahead in this century.
    let t = (days + 70.0 / 86400) / 36525
    let anomaly = 357.52911 + t * (35999.05029 - 0.0001537 * t)
    let center =
      (1.914602 - t * (0.004817 + 0.000014 * t)) * Degrees.sin(anomaly)
      + (0.019993 - 0.000101 * t) * Degrees.sin(2 * anomaly) + 0.000289 * Degrees.sin(3 * anomaly)
    let node = Degrees.sinCos(125.04 - 1934.136 * t)
    let longitudeOfSun =
      280.46646 + t * (36000.76983 + 0.0003032 * t) + center - 0.00569 - 0.00478 * node.sin
    let obliquity = Degrees.sinCos(23.439291 - 0.0130042 * t + 0.00256 * node.cos)
    let sun = Degrees.sinCos(longitudeOfSun)
    let sidereal = Degrees.sinCos(
      280.46061837 + 360.98564736629 * days - 0.00439 * node.sin + longitude)
    let (x, y) = (sun.cos, obliquity.cos * sun.sin)
    return (
      obliquity.sin * sun.sin, x * sidereal.sin - y * sidereal.cos,
      x * sidereal.cos + y * sidereal.sin
    )
  }
}
