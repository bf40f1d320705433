/// Reads `NAME=value` as Vixie cron does.
///
/// The name and the value may have quotes of either kind around them. Nothing is expanded, and a `#` begins no comment.
/// A value without quotes keeps its spaces but those at its end.
enum SettingText {
  /// Nil if the line is no setting: then it is a job, or wrong.
  static func read(_ line: String) -> CrontabSetting? {
    var rest = line[...].drop(while: isBlank)
    guard let name = takeName(&rest) else { return nil }
    rest = rest.drop(while: isBlank)
    guard rest.first == "=" else { return nil }
    rest = rest.dropFirst().drop(while: isBlank)
    guard let value = value(rest), !name.isEmpty else { return nil }
    return CrontabSetting(name: name, value: value)
  }

  private static func isBlank(_ character: Character) -> Bool {
    character == " " || character == "\t"
  }

  private static func takeName(_ rest: inout Substring) -> String? {
    if let quote = rest.first, quote == "\"" || quote == "'" {
      let inner = rest.dropFirst()
      guard let end = inner.firstIndex(of: quote), !inner[..<end].contains("=") else { return nil }
      rest = inner[end...].dropFirst()
      return String(inner[..<end])
    }
    let name = rest.prefix { !isBlank($0) && $0 != "=" }
    rest = rest[name.endIndex...]
    return String(name)
  }

  private static func value(_ rest: Substring) -> String? {
    guard let quote = rest.first, quote == "\"" || quote == "'" else {
      var value = rest
      while let last = value.last, isBlank(last) { value = value.dropLast() }
      return String(value)
    }
    let inner = rest.dropFirst()
    guard let end = inner.firstIndex(of: quote), inner[end...].dropFirst().allSatisfy(isBlank)
    else { return nil }
    return String(inner[..<end])
  }
}
