import Triggers

/// The `strftime` conversions of Lua's `os.date`, in any zone and in English.
struct DateFormat {
  private let format: String

  init(_ format: String) { self.format = format }

  func text(_ instant: Timestamp, _ zone: Zone) throws(Mistake) -> String {
    let local = zone.localTime(of: instant)
    var text = ""
    var isConversion = false
    for character in format {
      if isConversion {
        text += try convert(character, local, instant, zone)
        isConversion = false
      } else if character == "%" {
        isConversion = true
      } else {
        text.append(character)
      }
    }
    if isConversion { throw Mistake("date: the format \"\(format)\" ends in a single %") }
    return text
  }

  private static let days = [
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
  ]
  private static let months = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
  ]

  private func convert(
    _ character: Character, _ local: LocalTime, _ instant: Timestamp, _ zone: Zone
  ) throws(Mistake) -> String {
    let date = local.date
    switch character {
    case "Y": return "\(date.year)"
    case "y": return two(date.year % 100)
    case "m": return two(date.month)
    case "d": return two(date.day)
    case "H": return two(local.hour)
    case "I": return two((local.hour + 11) % 12 + 1)
    case "M": return two(local.minute)
    case "S": return two(local.second)
    case "p": return local.hour < 12 ? "AM" : "PM"
    case "A": return Self.days[date.weekday % 7]
    case "a": return String(Self.days[date.weekday % 7].prefix(3))
    case "B": return Self.months[date.month - 1]
    case "b", "h": return String(Self.months[date.month - 1].prefix(3))
    case "c": return try DateFormat("%a %b %e %T %Y").text(instant, zone)
    case "x", "D": return "\(two(date.month))/\(two(date.day))/\(two(date.year % 100))"
    case "r": return try DateFormat("%I:%M:%S %p").text(instant, zone)
    case "C": return two(date.year / 100)
    case "e": return date.day < 10 ? " \(date.day)" : "\(date.day)"
    case "j": return "\(1000 + local.dayOfYear)".dropFirst().description
    case "u": return "\(date.weekday == 0 ? 7 : date.weekday)"
    case "w": return "\(date.weekday)"
    case "V": return two(Int(local.isoWeek.number))
    case "G": return "\(local.isoWeek.year)"
    case "g": return two(local.isoWeek.year % 100)
    case "U": return two(Int(local.dayOfYear + 6 - Int64(date.weekday % 7)) / 7)
    case "W": return two(Int(local.dayOfYear + 6 - Int64((date.weekday + 6) % 7)) / 7)
    case "n": return "\n"
    case "t": return "\t"
    case "F": return "\(date.year)-\(two(date.month))-\(two(date.day))"
    case "T", "X": return "\(two(local.hour)):\(two(local.minute)):\(two(local.second))"
    case "R": return "\(two(local.hour)):\(two(local.minute))"
    case "s": return "\(instant.seconds)"
    case "z":
      let offset = zone.offset(at: instant) / 60
      return "\(offset < 0 ? "-" : "+")\(two(abs(offset) / 60))\(two(abs(offset) % 60))"
    case "Z": return zone.name
    case "%": return "%"
    default:
      throw Mistake(
        "date: %\(character) is not a known conversion; there are YyCmBbhdejHIMSpAauwVGgUWcxDFTRXrszZnt%"
      )
    }
  }

  private func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}

extension LocalTime {
  /// Counted from 1.
  var dayOfYear: Int64 {
    let newYear = LocalTime(year: date.year, month: 1, day: 1)
    return (secondsSince1970 - newYear.secondsSince1970) / 86_400 + 1
  }

  /// The week of ISO 8601, and the year to which it belongs: that of its Thursday.
  var isoWeek: (year: Int, number: Int64) {
    let weekday = Int64((date.weekday + 6) % 7)  // from Monday
    let thursday = secondsSince1970 + (3 - weekday) * 86_400
    for year in [date.year - 1, date.year, date.year + 1] {
      let start = LocalTime(year: year, month: 1, day: 1).secondsSince1970
      let end = LocalTime(year: year + 1, month: 1, day: 1).secondsSince1970
      if start <= thursday, thursday < end { return (year, (thursday - start) / 86_400 / 7 + 1) }
    }
    return (date.year, 1)
  }
}
