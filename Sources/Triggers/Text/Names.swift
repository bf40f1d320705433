/// The English names of weekdays and months, in lower case.
enum Names {
  static let weekdays = [
    "sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday",
  ]
  static let months = [
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
  ]

  static func capitalized(_ word: String) -> String {
    word.prefix(1).uppercased() + word.dropFirst()
  }
  static func month(_ number: Int) -> String { capitalized(months[number - 1]) }
  static func weekday(_ number: Int) -> String { capitalized(weekdays[number % 7]) }
}
