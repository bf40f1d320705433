/// The option `formerly` of `defaults`, which belongs to the script and not to its jobs.
extension OptionReader {
  static let formerly = "formerly"

  /// The other options, and the former names of the script.
  func withoutFormerNames() throws(Mistake) -> (Options, [String]) {
    var rest = options
    rest[Self.formerly] = nil
    guard let value = self[Self.formerly] else { return (rest, []) }
    let names = if let name = value.text { [name] } else { try texts(Self.formerly) }
    guard !names.contains("") else { throw JobRegistry.badFormerNames }
    return (rest, names)
  }
}

extension JobRegistry {
  private static let formerNameLimit = 100
  fileprivate static let badFormerNames = Mistake(
    "option \"formerly\" must be the former name of the script, as in \"a.lua\", or a list; a script has up to \(formerNameLimit) former names"
  )

  mutating func addFormerNames(_ names: [String]) throws(Mistake) {
    guard formerly.count + names.count <= Self.formerNameLimit else { throw Self.badFormerNames }
    formerly += names
  }
}
